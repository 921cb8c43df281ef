namespace Commune.Mail.Mime;

/// <summary>Finds the fields of one header section (RFC 5322 §2.2) and where the body begins.</summary>
internal readonly struct HeaderReader(MimeSource source)
{
    // All parts together may have as many fields as this many full header sections.
    private const int MostSections = 10;

    public readonly record struct Section(HeaderList Fields, int BodyStart);

    /// <param name="isDelimiter">Whether a multipart delimiter stands at that line start: it ends a header that has no body.</param>
    public Section Read(int start, bool isMessage, Func<int, bool> isDelimiter)
    {
        var span = source.Bytes.Span;
        var limits = source.Limits;
        var ranges = source.Headers;
        var first = ranges.Count;
        var at = start;
        if (isMessage && IsMboxLine(span[at..]))
        {
            source.Report(MimeDefectKind.MboxFromLine, at);
            at = NextLine(span, at);
        }

        if (isMessage)
            at = SkipContinuations(span, at);

        var full = false;
        while (at < span.Length)
        {
            var next = NextLine(span, at);
            var line = span[at..next];
            if (line.TrimEnd("\r\n"u8).IsEmpty)
                return Done(ranges, first, next);
            if (line[0] == '-' && isDelimiter(at))
                return Done(ranges, first, at);
            var name = NameLength(line, out var colon);
            if (name == 0)
            {
                // An mbox line among the fields of a forwarded message is not worth losing the rest.
                if (line.StartsWith(">From "u8))
                {
                    at = next;
                    continue;
                }
                source.Report(MimeDefectKind.MissingHeaderSeparator, at);
                return Done(ranges, first, at);
            }

            while (next < span.Length && span[next] is (byte)' ' or (byte)'\t')
                next = NextLine(span, next);
            if (ranges.Count - first >= limits.MaxHeaders || ranges.Count >= MostSections * limits.MaxHeaders || at - start > limits.MaxHeaderBytes)
            {
                if (!full)
                    source.Report(MimeDefectKind.HeaderTooLarge, at);
                full = true;
            }
            else
            {
                var value = span[(at + colon + 1)..next].TrimEnd("\r\n"u8);
                if (value.Length > limits.MaxHeaderBytes)
                    source.Report(MimeDefectKind.HeaderTooLarge, at);
                ranges.Add(new HeaderRange(at, name, at + colon + 1, Math.Min(value.Length, limits.MaxHeaderBytes)));
            }
            at = next;
        }
        return Done(ranges, first, at);
    }

    private Section Done(List<HeaderRange> ranges, int first, int bodyStart) =>
        new(new HeaderList(source.Bytes, ranges, first, ranges.Count - first), bodyStart);

    /// <summary>Lines at the very beginning that continue nothing, the first line having been lost on the way, when a field follows.</summary>
    private static int SkipContinuations(ReadOnlySpan<byte> span, int start)
    {
        var at = start;
        while (at < span.Length && span[at] is (byte)' ' or (byte)'\t')
            at = NextLine(span, at);
        return at < span.Length && NameLength(span[at..NextLine(span, at)], out _) > 0 ? at : start;
    }

    private static int NextLine(ReadOnlySpan<byte> span, int at)
    {
        var end = span[at..].IndexOf((byte)'\n');
        return end < 0 ? span.Length : at + end + 1;
    }

    /// <summary>The length of the field name, 0 when the line has none. RFC 5322 §4.5 lets white space stand before the colon.</summary>
    private static int NameLength(ReadOnlySpan<byte> line, out int colon)
    {
        colon = line.IndexOf((byte)':');
        if (colon <= 0)
            return 0;
        var name = line[..colon].TrimEnd(" \t"u8);
        return name.IsEmpty || name.ContainsAnyExceptInRange((byte)33, (byte)126) ? 0 : name.Length;
    }

    private static bool IsMboxLine(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("From "u8))
            return false;
        return !line[4..].TrimStart(" \t"u8).StartsWith(":"u8);
    }
}

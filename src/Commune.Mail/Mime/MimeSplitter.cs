using System.Text;

namespace Commune.Mail.Mime;

/// <summary>
/// Walks the delimiter lines of RFC 2046 §5.1 with the boundaries of all open multiparts on a stack, so that an outer
/// delimiter ends whatever inner parts forgot to close (§5.1.2). Every byte is looked at once per header and once per body.
/// </summary>
internal sealed class MimeSplitter(MimeSource source)
{
    private readonly ReadOnlyMemory<byte> _bytes = source.Bytes;
    private readonly List<byte[]> _open = [];
    private int _parts = 1;

    /// <summary>A delimiter line, or the end of the data when <see cref="Level"/> is negative.</summary>
    /// <param name="Level">Which open multipart it belongs to.</param>
    /// <param name="ContentEnd">Where the content before it ends; the line break before a delimiter belongs to the delimiter.</param>
    /// <param name="LineStart">Where its line starts.</param>
    /// <param name="Next">Where the following line starts.</param>
    private readonly record struct Delimiter(int Level, bool Close, int ContentEnd, int LineStart, int Next);

    private Delimiter End => new(-1, false, _bytes.Length, _bytes.Length, _bytes.Length);

    public MimePart Split()
    {
        var root = new MimePart(source, null, 0);
        ReadPart(root, 0);
        return root;
    }

    /// <summary>The root with its header and a body that nobody looked into.</summary>
    public MimePart ReadHeader()
    {
        var header = new HeaderReader(source).Read(0, isMessage: true, static _ => false);
        return new MimePart(source, null, 0) { Headers = header.Fields, BodyStart = header.BodyStart, BodyEnd = _bytes.Length, IsUndivided = true };
    }

    private Delimiter ReadPart(MimePart part, int start)
    {
        var header = new HeaderReader(source).Read(start, isMessage: part.Parent is null, IsDelimiterAt);
        part.Headers = header.Fields;
        part.HeaderStart = start;
        part.BodyStart = header.BodyStart;
        var end = part.IsMultipart ? ReadMultipart(part) : FindDelimiter(part.BodyStart);
        part.BodyEnd = Math.Max(part.BodyStart, end.ContentEnd);
        return end;
    }

    private Delimiter ReadMultipart(MimePart part)
    {
        if (_open.Count + source.Depth >= source.Limits.MaxDepth)
        {
            source.Report(MimeDefectKind.TooDeep, part.HeaderStart);
            part.IsUndivided = true;
            return FindDelimiter(part.BodyStart);
        }

        var boundary = part.Boundary;
        if (boundary is null)
            source.Report(MimeDefectKind.MissingBoundary, part.HeaderStart);
        var end = boundary is null ? FindDelimiter(part.BodyStart) : ReadChildren(part, Encoding.UTF8.GetBytes(boundary));
        if (part.ChildList is not null || _parts >= source.Limits.MaxParts)
            return end;

        // Nothing was found where the header said: a line that looks like a delimiter before what looks like a part will do.
        if (boundary is not null)
            source.Report(MimeDefectKind.WrongBoundary, part.BodyStart);
        var guess = BoundaryGuess.Find(_bytes.Span[part.BodyStart..Math.Max(part.BodyStart, end.ContentEnd)]);
        return guess is null ? end : ReadChildren(part, guess);
    }

    private Delimiter ReadChildren(MimePart part, byte[] boundary)
    {
        var level = _open.Count;
        _open.Add(boundary);
        var next = FindDelimiter(part.BodyStart);
        while (next.Level == level && !next.Close)
        {
            if (_parts >= source.Limits.MaxParts)
            {
                // The last part keeps what follows it, undivided.
                source.Report(MimeDefectKind.TooManyParts, next.LineStart);
                next = End;
                var last = part.ChildList is null ? part : part.ChildList[^1];
                last.BodyEnd = next.ContentEnd;
                last.IsUndivided = true;
                break;
            }
            _parts++;
            var children = part.ChildList ??= [];
            var child = new MimePart(source, part, children.Count + 1);
            children.Add(child);
            next = ReadPart(child, next.Next);
        }

        _open.RemoveAt(level);
        if (next.Level == level)
            return FindDelimiter(next.Next);
        if (part.ChildList is not null)
            source.Report(MimeDefectKind.MissingCloseDelimiter, next.LineStart);
        return next;
    }

    /// <summary>The next delimiter of any open multipart at or after a line start.</summary>
    private Delimiter FindDelimiter(int from)
    {
        var span = _bytes.Span;
        if (_open.Count == 0)
            return End;
        var at = from;
        while (true)
        {
            if (TryDelimiter(at, out var found))
                return found with { ContentEnd = Math.Max(from, found.ContentEnd) };
            var next = at < span.Length ? span[at..].IndexOf("\n--"u8) : -1;
            if (next < 0)
                return End;
            at += next + 1;
        }
    }

    private bool IsDelimiterAt(int lineStart) => TryDelimiter(lineStart, out _);

    private bool TryDelimiter(int at, out Delimiter found)
    {
        found = default;
        var span = _bytes.Span;
        if (_open.Count == 0 || !span[at..].StartsWith("--"u8))
            return false;
        var line = span[(at + 2)..];
        var lineEnd = line.IndexOf((byte)'\n');
        var next = lineEnd < 0 ? span.Length : at + 2 + lineEnd + 1;
        if (lineEnd >= 0)
            line = line[..lineEnd];
        line = line.TrimEnd(" \t\r"u8);

        // Innermost first: a boundary may be the beginning of another, so the whole line has to match.
        for (var level = _open.Count - 1; level >= 0; level--)
        {
            var boundary = _open[level];
            if (!line.StartsWith(boundary))
                continue;
            var rest = line[boundary.Length..];
            var close = rest.SequenceEqual("--"u8);
            if (!close && !rest.IsEmpty)
                continue;
            var contentEnd = at;
            if (contentEnd > 0 && span[contentEnd - 1] == '\n')
                contentEnd--;
            if (contentEnd < at && contentEnd > 0 && span[contentEnd - 1] == '\r')
                contentEnd--;
            found = new Delimiter(level, close, contentEnd, at, next);
            return true;
        }
        return false;
    }
}

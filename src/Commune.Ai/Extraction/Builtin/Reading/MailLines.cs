namespace Commune.Ai.Extraction.Builtin.Reading;

/// <summary>Cuts the visible text into lines and tells whose words they are.</summary>
internal static class MailLines
{
    /// <summary>UTF-16 code units that are read; what follows is left out.</summary>
    public const int LongestText = 200_000;

    private const int LongestLine = 1000;
    private const int MostLines = 10_000;
    // A note above a forwarded mail: "FYI, see below".
    private const int LongestNote = 120;

    public static List<TextLine> Of(MailText mail)
    {
        var visible = mail.Visible;
        var end = visible.Length <= LongestText ? visible.Length : Math.Max(LongestText - LongestLine, EndOfToken(visible, LongestText - LongestLine, LongestText));
        var lines = Cut(visible, end, Math.Min(mail.Subject.Length, end));
        var subject = IsAnswer(mail.Subject) ? MailPart.OldSubject : MailPart.Subject;
        var reply = Trimmed(mail.ReplyText);
        var readsForward = mail.IsForward && mail.ReplyText.Length <= LongestNote;
        var body = 0;
        while (body < lines.Count && lines[body].Start < mail.Subject.Length)
        {
            lines[body] = lines[body] with { Part = subject };
            body++;
        }
        if (readsForward || !Align(visible, lines, body, reply, mail.Signature))
            MarkQuotes(visible, lines, body);
        return lines;
    }

    private static bool IsAnswer(string subject)
    {
        var colon = subject.IndexOf(':', StringComparison.Ordinal);
        return colon is > 0 and <= 6 && subject.AsSpan(0, colon).Trim().ToString().ToUpperInvariant()
            is "RE" or "AW" or "SV" or "RÉP" or "RES" or "R" or "ANTW" or "RIF" or "VS" or "ODP";
    }

    private static List<TextLine> Cut(string text, int end, int subjectEnd)
    {
        var lines = new List<TextLine>();
        for (var at = 0; at <= end && lines.Count < MostLines;)
        {
            var stop = at < subjectEnd ? subjectEnd : text.IndexOf('\n', at, end - at);
            if (stop < 0)
                stop = end;
            var cut = stop;
            if (stop - at > LongestLine)
            {
                // A piece ends at white space where there is some, and else not amid a word or a number.
                cut = text.LastIndexOf(' ', at + LongestLine - 1, LongestLine / 2);
                cut = cut < 0 ? EndOfToken(text, at + (LongestLine / 2), at + LongestLine) : cut;
                if (cut < 0)
                {
                    // It is no word of anybody's.
                    for (cut = at + LongestLine; cut < stop && char.IsLetterOrDigit(text[cut]); cut++)
                    {
                    }
                    lines.Add(new TextLine(cut, cut, MailPart.New));
                    at = cut == stop ? stop + 1 : cut;
                    continue;
                }
            }
            lines.Add(Trim(text, at, cut));
            at = cut == stop ? stop + 1 : cut;
        }
        return lines;
    }

    /// <summary>The last place in a range that parts two words; -1 without one.</summary>
    private static int EndOfToken(string text, int from, int to)
    {
        for (var at = to; at > from; at--)
        {
            if (!char.IsLetterOrDigit(text[at - 1]) && !(text[at - 1] is '.' or ',' or '-' && at < text.Length && char.IsLetterOrDigit(text[at])))
                return at;
        }
        return -1;
    }

    private static TextLine Trim(string text, int start, int end)
    {
        while (start < end && (char.IsWhiteSpace(text[start]) || text[start] is '\u200B' or '\uFEFF'))
            start++;
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        return new TextLine(start, end, MailPart.New);
    }

    private static List<string> Trimmed(string text) =>
        [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).Take(MostLines)];

    /// <summary>Finds the lines of the reply in the text, in order.</summary>
    /// <returns>Whether most of them were there.</returns>
    private static bool Align(string text, List<TextLine> lines, int from, List<string> reply, string? signature)
    {
        if (reply.Count == 0)
            return false;
        var parts = new MailPart[lines.Count];
        var next = 0;
        for (var i = from; i < lines.Count; i++)
        {
            parts[i] = MailPart.Quoted;
            if (lines[i].IsBlank || next >= reply.Count)
                continue;
            var line = text.AsSpan(lines[i].Start, lines[i].Length);
            // A very long line stands here in pieces.
            if (line.SequenceEqual(reply[next]))
                next++;
            else if (line.Length < LongestLine / 2 || !reply[next].AsSpan().StartsWith(line))
                continue;
            else
                reply[next] = reply[next][line.Length..].TrimStart();
            parts[i] = line[0] == '>' ? MailPart.Quoted : MailPart.New;
        }
        if (next < (reply.Count + 1) / 2)
            return false;
        MarkSignature(text, lines, parts, signature);
        for (var i = from; i < lines.Count; i++)
            lines[i] = WithoutMarks(text, lines[i] with { Part = parts[i] });
        return true;
    }

    /// <summary>The signature is what follows the last own line, up to a quotation.</summary>
    private static void MarkSignature(string text, List<TextLine> lines, MailPart[] parts, string? signature)
    {
        var last = Array.LastIndexOf(parts, MailPart.New);
        var known = signature is null ? null : Trimmed(signature).ToHashSet(StringComparer.Ordinal);
        for (var i = last + 1; i < lines.Count; i++)
        {
            if (lines[i].IsBlank)
                continue;
            var line = text.AsSpan(lines[i].Start, lines[i].Length);
            if (known is null ? BeginsQuote(line) : !known.Contains(line.ToString()))
                break;
            parts[i] = MailPart.Signature;
        }
    }

    private static void MarkQuotes(string text, List<TextLine> lines, int from)
    {
        for (var i = from; i < lines.Count; i++)
        {
            if (!lines[i].IsBlank && text[lines[i].Start] == '>')
                lines[i] = WithoutMarks(text, lines[i] with { Part = MailPart.Quoted });
        }
    }

    private static TextLine WithoutMarks(string text, TextLine line)
    {
        if (line.Part != MailPart.Quoted)
            return line;
        var start = line.Start;
        while (start < line.End && (text[start] == '>' || char.IsWhiteSpace(text[start])))
            start++;
        return line with { Start = start };
    }

    private static bool BeginsQuote(ReadOnlySpan<char> line)
    {
        if (line[0] == '>' || line.StartsWith("-----") || line.StartsWith("_____"))
            return true;
        foreach (var header in (ReadOnlySpan<string>)["From:", "Von:", "De:", "Da:", "Van:", "De :"])
        {
            if (line.StartsWith(header, StringComparison.Ordinal))
                return true;
        }
        // "On Monday Kim wrote:"
        return line[^1] == ':' && line.Length > 20 && line.ContainsAnyInRange('0', '9');
    }
}

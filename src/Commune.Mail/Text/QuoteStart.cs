namespace Commune.Mail.Text;

/// <summary>Where earlier mail begins.</summary>
/// <param name="Line">Its first line, the announcement included; -1 when there is none.</param>
/// <param name="AfterAttribution">The first line after the announcement.</param>
/// <param name="TakesRest">Nothing marks the lines of the earlier mail, so that it goes to the end.</param>
internal readonly record struct QuoteStart(int Line, int AfterAttribution, bool TakesRest, bool IsForward)
{
    private const int MostWrapped = 4;
    private const int LongestAttribution = 500;
    private const int LongestHeaderBlock = 10;

    private static readonly QuoteStart None = new(-1, -1, false, false);

    public static QuoteStart Find(MailLines lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines.IsBlank(i))
                continue;
            if (lines.IsQuoted(i))
                return new QuoteStart(i, i, false, ForwardPhrases.Announces(Unquoted(lines[i])));
            if (lines.Marks(i).HasFlag(LineMarks.OwnQuotation))
                continue;
            if (lines.Marks(i).HasFlag(LineMarks.Forward) || ForwardPhrases.Announces(lines[i]))
                return new QuoteStart(i, i, true, true);
            if (lines.Marks(i).HasFlag(LineMarks.Divider) || IsDivider(lines, i))
                return new QuoteStart(RuleAbove(lines, i), i, true, false);
            var wrapped = AttributionLength(lines, i, out var certain);
            if (wrapped == 0)
                continue;
            var next = lines.NextText(i + wrapped);
            if (next < lines.Count && lines.IsQuoted(next))
                return new QuoteStart(i, next, false, ForwardPhrases.Announces(Unquoted(lines[next])));
            if (certain)
                return new QuoteStart(i, i + wrapped, true, false);
        }
        return None;
    }

    /// <summary>Whether a line that is not quoted announces a quotation.</summary>
    public static bool IsAttributionAt(MailLines lines, int line)
    {
        for (var first = line; first >= Math.Max(0, line - MostWrapped + 1) && !lines.IsBlank(first) && !lines.IsQuoted(first); first--)
        {
            var length = AttributionLength(lines, first, out _);
            if (length > line - first)
                return lines.NextText(first + length) is var next && next < lines.Count && lines.IsQuoted(next);
        }
        return false;
    }

    /// <summary>The line drawn above an announcement belongs to it.</summary>
    private static int RuleAbove(MailLines lines, int at)
    {
        var above = at - 1;
        while (above >= 0 && lines.IsBlank(above))
            above--;
        return above >= 0 && lines[above].Length >= 3 && lines[above].IndexOfAnyExcept("_-") < 0 ? above : at;
    }

    /// <summary>Yahoo on Android goes on behind the colon: "On 5 Jan 2026, Kim wrote:   Has it arrived?".</summary>
    private static bool GoesOnBehind(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(":  ");
        return colon is > 0 and < LongestAttribution && Attribution.Is(line[..(colon + 1)].ToString(), default, out var certain) && certain;
    }

    /// <summary>How many lines an announcement takes that starts here; 0 when none does.</summary>
    /// <param name="certain">It is one even when nothing after it is marked as quoted.</param>
    private static int AttributionLength(MailLines lines, int at, out bool certain)
    {
        certain = false;
        if (lines.Marks(at).HasFlag(LineMarks.Attribution))
            return MarkedLength(lines, at, out certain);
        if (GoesOnBehind(lines[at]))
        {
            certain = true;
            return 1;
        }
        for (var count = 1; count <= MostWrapped && at + count <= lines.Count; count++)
        {
            var last = at + count - 1;
            if (lines.IsBlank(last) || lines.IsQuoted(last) || lines[last].Length > LongestAttribution)
                return 0;
            if (!Attribution.CanEnd(lines[last]))
                continue;
            var text = lines.Unwrapped(at, count);
            if (text.Length > LongestAttribution)
                return 0;
            if (Attribution.Is(text, count > 1 ? lines[at] : default, out certain))
                return count;
        }
        return 0;
    }

    private static int MarkedLength(MailLines lines, int at, out bool certain)
    {
        var count = 1;
        while (count < MostWrapped && at + count < lines.Count && lines.Marks(at + count).HasFlag(LineMarks.Attribution)
            && !lines.IsQuoted(at + count) && !lines.IsBlank(at + count))
        {
            count++;
        }
        certain = lines[at + count - 1].EndsWith(":") || lines[at + count - 1].EndsWith("：");
        return count;
    }

    /// <summary>"-----Original Message-----", or the header fields Outlook writes above earlier mail.</summary>
    private static bool IsDivider(MailLines lines, int at)
    {
        var line = lines[at];
        if (OriginalPhrases.Announces(line))
            return true;
        if (IsRule(line) || IsLotusSummary(line))
        {
            var next = lines.NextText(at + 1);
            return next < lines.Count && (IsHeaderBlock(lines, next) || OriginalPhrases.Announces(lines[next]));
        }
        if (lines.Marks(at).HasFlag(LineMarks.Border) && line.IndexOf(':') is > 0 and < 25 && LabelledLines(lines, at) >= 3)
            return true;
        return IsHeaderBlock(lines, at);
    }

    private static bool IsHeaderBlock(MailLines lines, int at)
    {
        if (HeaderLabels.KindOf(lines[at]) is not (HeaderLabel.From or HeaderLabel.Date or HeaderLabel.Subject))
            return false;
        var seen = HeaderLabel.None;
        for (var i = at; i < Math.Min(lines.Count, at + LongestHeaderBlock) && !lines.IsBlank(i) && !lines.IsQuoted(i); i++)
            seen |= HeaderLabels.KindOf(lines[i]);
        var kinds = int.PopCount((int)seen);
        return seen.HasFlag(HeaderLabel.From) && kinds >= 3;
    }

    private static int LabelledLines(MailLines lines, int at)
    {
        var count = 0;
        for (var i = at; i < Math.Min(lines.Count, at + LongestHeaderBlock) && !lines.IsBlank(i); i++)
        {
            if (lines[i].IndexOfAny(':', '：') is > 0 and < 25)
                count++;
        }
        return count;
    }

    private static bool IsRule(ReadOnlySpan<char> line) => line.Length >= 5 && line.IndexOfAnyExcept("_-=* ") < 0;

    /// <summary>Lotus Notes: "Kim Lee---05.01.2026 10:00:12---Hello, …".</summary>
    private static bool IsLotusSummary(ReadOnlySpan<char> line)
    {
        var first = line.IndexOf("---");
        if (first <= 0)
            return false;
        var rest = line[(first + 3)..];
        var second = rest.IndexOf("---");
        return second is > 5 and < 40 && rest[..second].ContainsAnyInRange('0', '9') && rest[..second].Contains(':');
    }

    private static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> line) => line.TrimStart("> ");
}

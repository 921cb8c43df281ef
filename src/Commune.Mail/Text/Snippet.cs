using Commune.Mail.Mime;

namespace Commune.Mail.Text;

/// <summary>The first words of a message, on one line, for lists.</summary>
public static class Snippet
{
    // A snippet needs the beginning only; this much of it is looked at.
    private const int LookedAt = 20_000;

    /// <summary>And this much first, which is enough for nearly every mail.</summary>
    private const int LookedAtFirst = 2_000;

    /// <summary>Whether a line announces a quotation is told by those behind it: more than the longest announcement.</summary>
    private const int LinesAhead = 10;

    /// <summary>The snippet of a message: of its newest reply.</summary>
    /// <param name="max">UTF-16 code units.</param>
    public static string Of(MessageContent content, int max = 200)
    {
        ArgumentNullException.ThrowIfNull(content);
        return Of(content.ReplyText, max);
    }

    /// <summary>
    /// White space collapsed, quoted lines and the line that announces them left out where there is other text,
    /// cut at the end of a word.
    /// </summary>
    /// <param name="max">UTF-16 code units.</param>
    public static string Of(string text, int max = 200)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        if (text.Length > LookedAtFirst)
        {
            var first = new MailLines(Beginning(text, LookedAtFirst), null);
            var enough = Collapse(first, max, skipQuotes: true, out var end);
            // What decided is all there: behind it stands a line that is not the one that was cut.
            if (first.NextText(end + LinesAhead) < first.Count - 1)
                return Cut(enough, max);
        }
        var lines = new MailLines(Beginning(text, LookedAt), null);
        var own = Collapse(lines, max, skipQuotes: true, out _);
        return Cut(own.Length > 0 ? own : Collapse(lines, max, skipQuotes: false, out _), max);
    }

    private static string Beginning(string text, int length) =>
        text.Length <= length ? text : text[..(length - (char.IsHighSurrogate(text[length - 1]) ? 1 : 0))];

    /// <param name="end">The line at which there was enough; that behind the last when there never was.</param>
    private static string Collapse(MailLines lines, int max, bool skipQuotes, out int end)
    {
        end = lines.Count;
        using var line = new GrowingText(2 * max);
        for (var i = 0; i < lines.Count; i++)
        {
            if (skipQuotes && (lines.IsQuoted(i) || QuoteStart.IsAttributionAt(lines, i)))
                continue;
            foreach (var c in lines.Raw(i))
            {
                var blank = char.IsWhiteSpace(c) || char.IsControl(c);
                var atStart = line.Length == 0 || line[^1] == ' ';
                if (IsInvisible(c) || (atStart && IsJoiner(c)))
                    continue;
                if (!blank)
                    line.Append(c);
                else if (line.Length > 0 && line[^1] != ' ')
                    line.Append(' ');
            }
            if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
            // One word more than fits, so that the cut can see where a word ends.
            if (line.Length > max + 100)
            {
                end = i;
                break;
            }
        }
        return line.Until(line.Since(0).TrimEnd().Length);
    }

    // Preheaders of newsletters are padded with invisible characters.
    private static bool IsInvisible(char c) => c is '\u200B' or '\u2060' or '\uFEFF' or '\u00AD' or '\u034F';

    // These join letters and emoji, and mean nothing on their own.
    private static bool IsJoiner(char c) => c is '\u200C' or '\u200D';

    private static string Cut(string line, int max)
    {
        if (line.Length <= max)
            return line;
        var cut = line.AsSpan(0, max);
        if (line[max] != ' ')
        {
            var space = cut.LastIndexOf(' ');
            // A "word" longer than half the line (a URL, a language without spaces) is cut where it is.
            if (space > max / 2)
                cut = cut[..space];
        }
        if (char.IsHighSurrogate(cut[^1]))
            cut = cut[..^1];
        return cut.TrimEnd().ToString();
    }
}

using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Text;

/// <summary>The first words of a message, on one line, for lists.</summary>
public static class Snippet
{
    // A snippet needs the beginning only; this much of it is looked at.
    private const int LookedAt = 20_000;

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
        var start = text.AsSpan(0, Math.Min(text.Length, LookedAt));
        if (!start.IsEmpty && char.IsHighSurrogate(start[^1]))
            start = start[..^1];
        var own = Collapse(start, max, skipQuotes: true);
        return Cut(own.Length > 0 ? own : Collapse(start, max, skipQuotes: false), max);
    }

    private static string Collapse(ReadOnlySpan<char> text, int max, bool skipQuotes)
    {
        var line = new StringBuilder();
        var lines = text.EnumerateLines();
        foreach (var current in lines)
        {
            if (skipQuotes && (current.TrimStart().StartsWith('>') || IsAttribution(current)))
                continue;
            foreach (var c in current)
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
                break;
        }
        return line.ToString().TrimEnd();
    }

    // Preheaders of newsletters are padded with invisible characters.
    private static bool IsInvisible(char c) => c is '\u200B' or '\u2060' or '\uFEFF' or '\u00AD' or '\u034F';

    // These join letters and emoji, and mean nothing on their own.
    private static bool IsJoiner(char c) => c is '\u200C' or '\u200D';

    /// <summary>"On Mon, Kim wrote:" and its kin, on one line or as the second half of two.</summary>
    private static bool IsAttribution(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        if (line.Length is 0 or > 300 || line[^1] != ':')
            return false;
        var body = line[..^1].TrimEnd();
        return (line.StartsWith("On ", StringComparison.OrdinalIgnoreCase) && body.EndsWith("wrote", StringComparison.OrdinalIgnoreCase))
            || (line.StartsWith("Am ", StringComparison.OrdinalIgnoreCase) && body.Contains("schrieb", StringComparison.OrdinalIgnoreCase))
            || (line.StartsWith("Le ", StringComparison.OrdinalIgnoreCase) && body.EndsWith("écrit", StringComparison.OrdinalIgnoreCase))
            || (line.StartsWith("El ", StringComparison.OrdinalIgnoreCase) && body.EndsWith("escribió", StringComparison.OrdinalIgnoreCase));
    }

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

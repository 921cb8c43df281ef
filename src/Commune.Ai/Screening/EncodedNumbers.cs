using System.Globalization;
using System.Text;

namespace Commune.Ai.Screening;

/// <summary>Text as the numbers of its letters: "&amp;#73;", "\x49", "73 103 110", "01001001".</summary>
internal static class EncodedNumbers
{
    /// <summary>Fewer letters say nothing.</summary>
    private const int Least = 8;
    private const int LongestRun = 64 * 1024;
    private const int BitsOfLetter = 8;

    /// <summary>References and escapes, with what stands between them.</summary>
    public static void FindMarked(ReadOnlySpan<char> text, int most, List<(string Decoded, int At)> found)
    {
        FindMarked(text, "&#", most, found);
        FindMarked(text, "\\x", most, found);
    }

    private static void FindMarked(ReadOnlySpan<char> text, string mark, int most, List<(string, int)> found)
    {
        var start = text.IndexOf(mark);
        if (start < 0 || found.Count >= most || text[start..].Count(mark) < Least)
            return;
        var decoded = new StringBuilder();
        var rest = text[start..];
        while (rest.IndexOf(mark) is >= 0 and var at)
        {
            decoded.Append(rest[..at]);
            rest = rest[(at + mark.Length)..];
            var hex = mark[0] == '\\' || rest.StartsWith("x", StringComparison.OrdinalIgnoreCase);
            if (mark[0] == '&' && hex)
                rest = rest[1..];
            var end = 0;
            while (end < rest.Length && end < (mark[0] == '\\' ? 2 : 6) && (hex ? char.IsAsciiHexDigit(rest[end]) : char.IsAsciiDigit(rest[end])))
                end++;
            if (end > 0 && int.TryParse(rest[..end], hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code))
                decoded.Append(new Rune(code).ToString());
            rest = rest[end..];
            if (mark[0] == '&' && rest.StartsWith(";"))
                rest = rest[1..];
        }
        found.Add((decoded.Append(rest).ToString(), start));
    }

    /// <summary>Numbers of letters one after the other, decimal, octal or of eight bits.</summary>
    public static void FindListed(ReadOnlySpan<char> text, int most, List<(string Decoded, int At)> found)
    {
        var letters = new StringBuilder();
        var start = -1;
        for (var at = 0; at < text.Length && found.Count < most;)
        {
            var next = text[at..].IndexOfAnyInRange('0', '9');
            if (next < 0 || (letters.Length > 0 && next > 2) || (letters.Length > 0 && next > 0 && text.Slice(at, next).IndexOfAnyExcept(" ,;\n\r") >= 0))
                Keep(letters, start, found);
            if (next < 0)
                return;
            at += next;
            var end = at;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            var number = text[at..end];
            // Bits stand without blanks as well.
            var isBits = number.Length % BitsOfLetter == 0 && number.IndexOfAnyExcept('0', '1') < 0;
            if (isBits)
            {
                start = letters.Length == 0 ? at : start;
                for (var i = 0; i < number.Length && letters.Length < LongestRun; i += BitsOfLetter)
                    letters.Append((char)Convert.ToInt32(number.Slice(i, BitsOfLetter).ToString(), 2));
            }
            else if (number.Length is 2 or 3 && int.Parse(number, CultureInfo.InvariantCulture) is >= 32 and < 127 and var code && letters.Length < LongestRun)
            {
                start = letters.Length == 0 ? at : start;
                letters.Append((char)code);
            }
            else
            {
                Keep(letters, start, found);
            }
            at = end;
        }
        Keep(letters, start, found);
    }

    private static void Keep(StringBuilder letters, int start, List<(string, int)> found)
    {
        if (letters.Length >= Least * 2)
        {
            var text = letters.ToString();
            // Prices and measures spell few letters.
            if (text.Count(static c => char.IsAsciiLetter(c) || c == ' ') * 10 >= text.Length * 8)
                found.Add((text, start));
        }
        letters.Clear();
    }
}

using System.Globalization;
using System.Text;
using AngleSharp.Html;

namespace Commune.Mail.Text;

/// <summary>Character references (HTML §13.2.5.72): "&amp;amp;", "&amp;#8364;", and the old ones without a semicolon.</summary>
internal static class HtmlCharacters
{
    private const int LongestName = 32;
    // "frac12" is among the longest names that need no semicolon.
    private const int LongestOldName = 6;

    public static string Decode(ReadOnlySpan<char> text)
    {
        if (!text.Contains('&'))
            return text.ToString();
        var decoded = new StringBuilder(text.Length);
        while (!text.IsEmpty)
        {
            var next = text.IndexOf('&');
            if (next < 0)
                break;
            decoded.Append(text[..next]);
            text = text[next..];
            var length = Read(text, out var value);
            decoded.Append(value ?? "&");
            text = text[length..];
        }
        return decoded.Append(text).ToString();
    }

    /// <summary>Reads the reference at the start.</summary>
    /// <returns>How many characters it takes; 1 for an ampersand that is none.</returns>
    /// <param name="value">What it stands for, or null.</param>
    public static int Read(ReadOnlySpan<char> text, out string? value)
    {
        value = null;
        if (text.Length < 3)
            return 1;
        return text[1] == '#' ? ReadNumber(text, out value) : ReadName(text, out value);
    }

    private static int ReadNumber(ReadOnlySpan<char> text, out string? value)
    {
        value = null;
        var hex = text[2] is 'x' or 'X';
        var at = hex ? 3 : 2;
        var start = at;
        var number = 0;
        while (at < text.Length && (hex ? char.IsAsciiHexDigit(text[at]) : char.IsAsciiDigit(text[at])))
        {
            // Beyond Unicode it only has to stay beyond.
            number = Math.Min(0x110000, (number * (hex ? 16 : 10)) + int.Parse(text.Slice(at, 1), hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture));
            at++;
        }
        if (at == start)
            return 1;
        if (at < text.Length && text[at] == ';')
            at++;
        // 0x80 to 0x9F mean Windows-1252 (§13.2.5.80).
        value = number is >= 0x80 and <= 0x9F ? Mime.Charsets.Decode("windows-1252", [(byte)number])
            : Rune.IsValid(number) && number != 0 ? new Rune(number).ToString() : "\uFFFD";
        return at;
    }

    private static int ReadName(ReadOnlySpan<char> text, out string? value)
    {
        var end = 1;
        while (end < text.Length && end <= LongestName && char.IsAsciiLetterOrDigit(text[end]))
            end++;
        var name = text[1..end];
        value = null;
        if (name.Length < 2)
            return 1;
        if (end < text.Length && text[end] == ';')
        {
            value = Common(name) ?? HtmlEntityProvider.Resolver.GetSymbol(text[1..(end + 1)].ToString());
            if (value is not null)
                return end + 1;
        }
        for (var length = Math.Min(name.Length, LongestOldName); length >= 2; length--)
        {
            value = HtmlEntityProvider.Resolver.GetSymbol(name[..length].ToString());
            if (value is not null)
                return 1 + length;
        }
        return 1;
    }

    private static string? Common(ReadOnlySpan<char> name) => name switch
    {
        "nbsp" => "\u00A0",
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        "zwnj" => "\u200C",
        "zwj" => "\u200D",
        "shy" => "\u00AD",
        "rsquo" => "’",
        "lsquo" => "‘",
        "ldquo" => "“",
        "rdquo" => "”",
        "ndash" => "–",
        "mdash" => "—",
        "hellip" => "…",
        "bull" => "•",
        "middot" => "·",
        "copy" => "©",
        "reg" => "®",
        "euro" => "€",
        "uuml" => "ü",
        "ouml" => "ö",
        "auml" => "ä",
        "szlig" => "ß",
        "eacute" => "é",
        _ => null,
    };
}

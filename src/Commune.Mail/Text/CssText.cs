using System.Buffers;
using System.Globalization;
using System.Text;

namespace Commune.Mail.Text;

/// <summary>CSS source with all that serves to write a thing in another way: comments, strings and escapes (CSS Syntax §3.3, §4.3.7).</summary>
internal static class CssText
{
    private const int LongestEscape = 6;

    private static readonly SearchValues<char> OfNames = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Comments are blanks, strings are empty unless they are a name, escaped letters are letters; an escaped sign is no sign any more.</summary>
    public static ReadOnlySpan<char> Plain(ReadOnlySpan<char> css) =>
        css.IndexOfAny('\\', '"', '\'') < 0 && css.IndexOf("/*") < 0 ? css : Clean(css);

    private static string Clean(ReadOnlySpan<char> css)
    {
        var plain = new StringBuilder(css.Length);
        while (!css.IsEmpty)
        {
            var stop = css.IndexOfAny("\\/\"'");
            if (stop < 0)
                break;
            plain.Append(css[..stop]);
            css = css[stop..];
            css = css[0] switch
            {
                '\\' => AfterEscape(css, plain),
                '/' => AfterComment(css, plain),
                _ => AfterString(css, plain),
            };
        }
        return plain.Append(css).ToString();
    }

    private static ReadOnlySpan<char> AfterComment(ReadOnlySpan<char> css, StringBuilder plain)
    {
        if (!css.StartsWith("/*"))
        {
            plain.Append('/');
            return css[1..];
        }
        plain.Append(' ');
        var end = css[2..].IndexOf("*/");
        return end < 0 ? default : css[(end + 4)..];
    }

    private static ReadOnlySpan<char> AfterString(ReadOnlySpan<char> css, StringBuilder plain)
    {
        var quote = css[0];
        css = css[1..];
        var name = css.IndexOfAnyExcept(OfNames);
        plain.Append(quote);
        if (name >= 0 && css[name] == quote)
            plain.Append(css[..name]);
        plain.Append(quote);
        while (true)
        {
            var stop = css.IndexOfAny(quote, '\\', '\n');
            if (stop < 0)
                return default;
            if (css[stop] != '\\')
                return css[(stop + (css[stop] == quote ? 1 : 0))..];
            css = css[Math.Min(css.Length, stop + 2)..];
        }
    }

    private static ReadOnlySpan<char> AfterEscape(ReadOnlySpan<char> css, StringBuilder plain)
    {
        css = css[1..];
        if (css.IsEmpty || css[0] is '\n' or '\r' or '\f')
            return css;
        var digits = 0;
        while (digits < LongestEscape && digits < css.Length && char.IsAsciiHexDigit(css[digits]))
            digits++;
        if (digits == 0)
        {
            Put(css[0], plain);
            return css[1..];
        }
        var code = int.Parse(css[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        Put(code <= char.MaxValue ? (char)code : '\uFFFD', plain);
        css = css[digits..];
        return !css.IsEmpty && char.IsWhiteSpace(css[0]) ? css[1..] : css;
    }

    private static void Put(char c, StringBuilder plain) =>
        plain.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' || (c >= '\u00A0' && !char.IsSurrogate(c)) ? c : '\uFFFD');
}

using System.Globalization;
using System.Text;

namespace Commune.Mail.Reports;

/// <summary>Addresses as report fields and report texts spell them.</summary>
internal static class ReportAddress
{
    public const int LongestAddress = 320;

    /// <summary>
    /// The address of <c>rfc822; a@b</c>, <c>utf-8; …</c> (RFC 6533 §3) or of a field that leaves the type out;
    /// null when there is none.
    /// </summary>
    public static string? OfField(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
            return null;
        var text = value.AsSpan().Trim();
        var semicolon = text.IndexOf(';');
        var type = semicolon < 0 ? default : text[..semicolon].Trim();
        if (semicolon >= 0)
            text = text[(semicolon + 1)..].Trim();
        text = Bare(text);
        if (text.IsEmpty || text.Length > 1000)
            return null;
        var address = type.Equals("utf-8", StringComparison.OrdinalIgnoreCase) ? Unescape(text) : text.ToString();
        return address.Length > LongestAddress ? null : address;
    }

    /// <summary>What stands inside angle brackets, or the text without a comment behind it.</summary>
    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> text)
    {
        var open = text.IndexOf('<');
        if (open >= 0)
        {
            var close = text[open..].IndexOf('>');
            text = close < 0 ? text[(open + 1)..] : text[(open + 1)..(open + close)];
        }
        else if (text.IndexOf(" (") is > 0 and var comment)
        {
            text = text[..comment];
        }
        text = text.Trim();
        if (text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            text = text["mailto:".Length..];
        return text;
    }

    /// <summary>RFC 6533 §3: <c>\x{20AC}</c> in utf-8-addr-xtext and utf-8-addr-unitext.</summary>
    private static string Unescape(ReadOnlySpan<char> text)
    {
        if (!text.Contains("\\x{", StringComparison.Ordinal))
            return text.ToString();
        var result = new StringBuilder(text.Length);
        while (!text.IsEmpty)
        {
            var end = text.StartsWith("\\x{") ? text.IndexOf('}') : -1;
            if (end is > 3 and <= 9
                && uint.TryParse(text[3..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
                && number > ' ' && Rune.IsValid(number))
            {
                result.Append(new Rune(number).ToString());
                text = text[(end + 1)..];
            }
            else
            {
                result.Append(text[0]);
                text = text[1..];
            }
        }
        return result.ToString();
    }

    /// <summary>The length of the address that <paramref name="text"/> begins with, 0 when it begins with none.</summary>
    public static int LengthAtStart(ReadOnlySpan<char> text)
    {
        var local = 0;
        while (local < text.Length && local <= 64 && IsLocal(text[local]))
            local++;
        if (local is 0 or > 64 || local >= text.Length || text[local] != '@')
            return 0;
        var end = local + 1;
        while (end < text.Length && end - local <= 255 && IsDomain(text[end]))
            end++;
        // The full stop that ends the sentence is none of the domain's.
        while (end > local + 1 && text[end - 1] is '.' or '-')
            end--;
        var domain = text[(local + 1)..end];
        return domain.Contains('.') && domain[0] != '.' ? end : 0;
    }

    /// <summary>The first address in a line of text; empty when there is none. Each character is looked at a bounded number of times.</summary>
    public static ReadOnlySpan<char> FirstIn(ReadOnlySpan<char> text, out int end)
    {
        var from = 0;
        while (true)
        {
            var at = text[from..].IndexOf('@');
            if (at < 0)
                break;
            at += from;
            var start = at;
            while (start > from && at - start < 64 && IsLocal(text[start - 1]))
                start--;
            if (text[start..at].StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
                start += "mailto:".Length;
            var length = LengthAtStart(text[start..]);
            if (length > 0)
            {
                end = start + length;
                return text[start..end];
            }
            from = at + 1;
        }
        end = text.Length;
        return default;
    }

    private static bool IsLocal(char c) =>
        char.IsLetterOrDigit(c) || c is '.' or '!' or '#' or '$' or '%' or '&' or '*' or '+' or '-' or '/' or '=' or '?' or '^' or '_' or '{' or '|' or '}' or '~' or '\'';

    private static bool IsDomain(char c) => char.IsLetterOrDigit(c) || c is '.' or '-';
}

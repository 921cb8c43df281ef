using System.Text;

namespace Commune.Ai.JsonSchema;

/// <summary>RFC 3986 appendix A, and RFC 3987 for those with characters beyond ASCII.</summary>
internal static class UriGrammar
{
    private const string Unreserved = "-._~";
    private const string SubDelimiters = "!$&'()*+,;=";

    public static bool IsUri(string text, bool international)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && IsScheme(text.AsSpan(0, colon)) && IsReferenceBody(text[(colon + 1)..], international);
    }

    public static bool IsReference(string text, bool international)
    {
        if (IsUri(text, international))
            return true;
        // RFC 3986 §4.2: a colon in the first segment would look like a scheme.
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var end = text.AsSpan().IndexOfAny('/', '?', '#');
        return (colon < 0 || (end >= 0 && end < colon)) && IsReferenceBody(text, international);
    }

    private static bool IsScheme(ReadOnlySpan<char> scheme)
    {
        if (!char.IsAsciiLetter(scheme[0]))
            return false;
        foreach (var c in scheme)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.'))
                return false;
        }

        return true;
    }

    private static bool IsReferenceBody(string text, bool international)
    {
        var (rest, fragment) = Cut(text, '#');
        var (hierarchy, query) = Cut(rest, '?');
        if (!Has(fragment ?? "", ":@/?", international, isQuery: false) || !Has(query ?? "", ":@/?", international, isQuery: true))
            return false;
        if (!hierarchy.StartsWith("//", StringComparison.Ordinal))
            return Has(hierarchy, ":@/", international, isQuery: false);
        var slash = hierarchy.IndexOf('/', 2);
        var authority = slash < 0 ? hierarchy[2..] : hierarchy[2..slash];
        return IsAuthority(authority, international) && Has(slash < 0 ? "" : hierarchy[slash..], ":@/", international, isQuery: false);
    }

    private static (string Before, string? After) Cut(string text, char mark)
    {
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
    }

    private static bool IsAuthority(string authority, bool international)
    {
        var at = authority.LastIndexOf('@');
        if (at >= 0 && !Has(authority[..at], ":", international, isQuery: false))
            return false;
        var host = authority[(at + 1)..];
        var port = "";
        if (host.StartsWith('['))
        {
            var end = host.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || !IsLiteral(host[1..end]) || (end + 1 < host.Length && host[end + 1] != ':'))
                return false;
            return end + 1 == host.Length || host[(end + 2)..].All(char.IsAsciiDigit);
        }

        var colon = host.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
            (host, port) = (host[..colon], host[(colon + 1)..]);
        return port.All(char.IsAsciiDigit) && Has(host, "", international, isQuery: false);
    }

    private static bool IsLiteral(string text)
    {
        if (!text.StartsWith('v') && !text.StartsWith('V'))
            return Formats.IsIpv6(text);
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return point > 1 && point + 1 < text.Length && text[1..point].All(char.IsAsciiHexDigit)
            && text[(point + 1)..].All(static c => char.IsAsciiLetterOrDigit(c) || Unreserved.Contains(c, StringComparison.Ordinal) || SubDelimiters.Contains(c, StringComparison.Ordinal) || c == ':');
    }

    private static bool Has(string text, string also, bool international, bool isQuery)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiLetterOrDigit(c) || Unreserved.Contains(c, StringComparison.Ordinal) || SubDelimiters.Contains(c, StringComparison.Ordinal)
                || also.Contains(c, StringComparison.Ordinal))
                continue;
            if (c == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                i += 2;
                continue;
            }

            if (!international || c < 0xA0 || !Rune.TryGetRuneAt(text, i, out var rune) || !IsInternational(rune, isQuery))
                return false;
            i += rune.Utf16SequenceLength - 1;
        }

        return true;
    }

    /// <summary>RFC 3987 §2.2 ucschar; in a query the private ones as well.</summary>
    private static bool IsInternational(Rune rune, bool isQuery) => rune.Value is (>= 0xA0 and <= 0xD7FF) or (>= 0xF900 and <= 0xFDCF) or (>= 0xFDF0 and <= 0xFFEF)
        || (rune.Value is >= 0x10000 and <= 0xEFFFD && (rune.Value & 0xFFFF) <= 0xFFFD)
        || (isQuery && rune.Value is (>= 0xE000 and <= 0xF8FF) or (>= 0xF0000 and <= 0x10FFFD));
}

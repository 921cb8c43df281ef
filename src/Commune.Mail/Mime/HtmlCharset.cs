using System.Text;

namespace Commune.Mail.Mime;

/// <summary>The charset that an HTML document names itself, for parts whose header names none.</summary>
internal static class HtmlCharset
{
    // HTML §4.2.5.4: the declaration stands in the first 1024 bytes.
    private const int LookedAt = 1024;
    private const int LongestName = 40;

    /// <summary>From <c>&lt;meta charset=…&gt;</c> or <c>content="text/html; charset=…"</c>; null without one.</summary>
    public static string? Declared(ReadOnlySpan<byte> html)
    {
        Span<char> buffer = stackalloc char[LookedAt];
        var text = buffer[..Encoding.Latin1.GetChars(html[..Math.Min(html.Length, LookedAt)], buffer)];
        var meta = text.IndexOf("<meta", StringComparison.OrdinalIgnoreCase);
        if (meta < 0)
            return null;
        text = text[meta..];
        var at = text.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        text = text[(at + 8)..].TrimStart(" \"'");
        var end = text.IndexOfAny(" \"'>;/");
        return end is > 0 and <= LongestName ? text[..end].ToString() : null;
    }
}

using System.Text;
using Commune.Mail.Mime;
using Commune.Mail.Text;

namespace Commune.Ai.AttachmentText;

/// <summary>Text files: the byte order mark says the charset, else the media type, else the bytes themselves.</summary>
internal static class PlainText
{
    private const int LongestCharset = 40;
    private const int HtmlLookedAt = 1024;

    public static void Read(ReadOnlySpan<byte> content, string? mediaType, CollectedText text) => text.Append(Decode(content, mediaType));

    public static void ReadHtml(ReadOnlySpan<byte> content, string? mediaType, CollectedText text)
    {
        var declared = CharsetOf(mediaType) ?? CharsetOf(Encoding.Latin1.GetString(content[..Math.Min(content.Length, HtmlLookedAt)]));
        text.Append(HtmlText.ToText(Decode(content, declared is null ? null : "text/html; charset=" + declared)));
    }

    public static string Decode(ReadOnlySpan<byte> content, string? mediaType)
    {
        var marked = ByteOrderMark(content);
        var text = marked is not null ? Charsets.Decode(marked, content) : CharsetOf(mediaType) is { } charset ? Charsets.Decode(charset, content) : Charsets.DecodeUndeclared(content);
        return text.ReplaceLineEndings("\n");
    }

    private static string? ByteOrderMark(ReadOnlySpan<byte> content) =>
        content.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? "utf-8"
        : content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]) ? "utf-32le"
        : content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? "utf-16le"
        : content.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? "utf-16be" : null;

    /// <summary>What follows "charset=" in a media type, or in the head of an HTML document.</summary>
    private static string? CharsetOf(string? text)
    {
        var at = text?.IndexOf("charset=", StringComparison.OrdinalIgnoreCase) ?? -1;
        if (at < 0)
            return null;
        var value = text.AsSpan(at + 8).TrimStart(" \"'");
        var end = value.IndexOfAny(" \"'>;/");
        if (end >= 0)
            value = value[..end];
        return value.Length is > 0 and <= LongestCharset ? value.ToString() : null;
    }
}

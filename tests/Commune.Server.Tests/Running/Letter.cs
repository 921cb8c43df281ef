using System.Text;

namespace Commune.Server.Tests.Running;

/// <summary>Messages as they go over the wire.</summary>
public static class Letter
{
    /// <summary>The text as UTF-8 with CRLF line ends.</summary>
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));

    public static string NewMessageId() => $"<{Guid.NewGuid():N}@client.test>";

    /// <summary>A plain text message with a Message-ID; further header lines end with a line feed each.</summary>
    public static byte[] Plain(string from, string to, string subject, string text, string? messageId = null, string headers = "") => Bytes(
        $"From: {from}\nTo: {to}\nSubject: {subject}\nDate: Wed, 04 Mar 2026 05:06:07 +0000\nMessage-ID: {messageId ?? NewMessageId()}\n{headers}"
        + $"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n");

    /// <summary>Text, and one attachment of these bytes.</summary>
    public static byte[] WithAttachment(string from, string to, string subject, string text, string fileName, string mediaType, byte[] content) => Bytes(
        $"From: {from}\nTo: {to}\nSubject: {subject}\nDate: Wed, 04 Mar 2026 05:06:07 +0000\nMessage-ID: {NewMessageId()}\nMIME-Version: 1.0\n"
        + $"Content-Type: multipart/mixed; boundary=\"b1\"\n\n--b1\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n"
        + $"--b1\nContent-Type: {mediaType}\nContent-Disposition: attachment; filename=\"{fileName}\"\nContent-Transfer-Encoding: base64\n\n"
        + Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks) + "\n--b1--\n");

    /// <summary>The first header field with this name, unfolded; null when there is none.</summary>
    public static string? HeaderOf(string message, string name) => HeadersOf(message, name) is [var first, ..] ? first : null;

    public static IReadOnlyList<string> HeadersOf(string message, string name)
    {
        var head = message[..(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 2)];
        return [.. head.Replace("\r\n ", " ", StringComparison.Ordinal).Replace("\r\n\t", " ", StringComparison.Ordinal)
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim())];
    }

    /// <summary>What is stored is what was sent, behind our trace fields.</summary>
    public static void AssertBehindTrace(byte[] sent, byte[] stored)
    {
        Assert.True(stored.AsSpan().EndsWith(sent), $"{stored.Length} bytes are stored; the {sent.Length} sent are not at their end");
        var trace = Encoding.UTF8.GetString(stored.AsSpan(0, stored.Length - sent.Length));
        Assert.EndsWith("\r\n", trace, StringComparison.Ordinal);
        Assert.Contains("Received: ", trace, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\n\r\n", trace, StringComparison.Ordinal);
    }
}

using Commune.Mail.Mime;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Webhooks;

/// <summary>Reads the header fields of a received mail that receivers of webhooks ask for, by their names in lower case, decoded.</summary>
internal sealed class ReceivedHeaders(IStore store, RawMessages rawMessages)
{
    /// <summary>What stands behind this is not looked for.</summary>
    private const int LongestHeader = 64 * 1024;
    private const int LongestValue = 2000;

    /// <summary>What tells who wrote, to whom, about what, in answer to what, and how it was sent. Traces and signatures are left out: they are for servers.</summary>
    private static readonly string[] Usual =
    [
        "date", "from", "sender", "reply-to", "to", "cc", "subject", "message-id", "in-reply-to", "references", "mime-version", "content-type",
        "content-language", "list-id", "list-post", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted", "precedence",
        "x-auto-response-suppress", "importance", "priority", "x-priority", "x-mailer", "user-agent", "feedback-id",
    ];

    public async Task<IReadOnlyDictionary<string, string>> OfAsync(MailMessage message, CancellationToken cancellation)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        var fields = MimeParser.Parse(await ReadHeaderAsync(message, cancellation)).Headers;
        foreach (var name in Usual)
        {
            if (fields.Get(name) is { } value)
                headers[name] = Cut(value);
        }
        // The Message-ID as it is stored: in the form that all other members have.
        if (message.SmtpMessageId is { } id)
            headers["message-id"] = id;
        return headers;
    }

    private async Task<ReadOnlyMemory<byte>> ReadHeaderAsync(MailMessage message, CancellationToken cancellation)
    {
        if (await store.Messages.GetRawAsync(message.OrgId, message.Id, cancellation) is not { } raw)
            return default;
        await using var stream = await rawMessages.OpenAsync(raw, cancellation);
        var start = new byte[Math.Min(raw.Size, LongestHeader)];
        var read = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        var end = start.AsSpan(0, read).IndexOf("\r\n\r\n"u8);
        return start.AsMemory(0, end < 0 ? read : end + 4);
    }

    private static string Cut(string value) =>
        value.Length <= LongestValue ? value : value[..(char.IsHighSurrogate(value[LongestValue - 1]) ? LongestValue - 1 : LongestValue)];
}

using System.Security.Cryptography;
using System.Text.Json;
using Commune.Mail.Addresses;
using Commune.Mail.Mime;
using Commune.Server.Hosting;

namespace Commune.Server.Outbound;

/// <summary>What an agent asks to send, read and checked (contract section 10). Look-ups come after.</summary>
public sealed record SendRequest
{
    public const int MaxRecipients = 50;
    public const int MaxSubject = 500;
    public const int MaxBody = 10 * 1024 * 1024;
    public const int MaxAttachmentBytes = 40 * 1024 * 1024;
    private const int MaxAttachments = 100;
    private const int MaxHeaders = 50;

    public required IReadOnlyList<Mailbox> To { get; init; }
    public required IReadOnlyList<Mailbox> Cc { get; init; }
    public required IReadOnlyList<Mailbox> Bcc { get; init; }
    public required IReadOnlyList<Mailbox> ReplyTo { get; init; }
    public required Mailbox? From { get; init; }

    /// <summary>Null only for a reply, which takes the thread's.</summary>
    public required string? Subject { get; init; }
    public required string? Text { get; init; }
    public required string? Html { get; init; }
    public required string? InboxId { get; init; }
    public required string? DomainId { get; init; }
    public required string? ThreadId { get; init; }
    public required IReadOnlyList<SendAttachment> Attachments { get; init; }
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }
    public required string? IdempotencyKey { get; init; }

    /// <summary>When to send, Unix ms; null is at once, as is a time in the past.</summary>
    public long? SendAt { get; init; }

    /// <summary>Withdraws a scheduled message when the other side writes first.</summary>
    public bool CancelOnReply { get; init; }

    /// <summary>No person wrote it (RFC 3834 §5).</summary>
    public bool AutoSubmitted { get; init; }

    /// <summary>Offers one-click unsubscribing (RFC 8058); null leaves it to the domain.</summary>
    public bool? Unsubscribe { get; init; }

    private IReadOnlyList<Mailbox>? recipients;

    /// <summary>Everybody the message goes to, once each, by address.</summary>
    public IReadOnlyList<Mailbox> Recipients => recipients ??= [.. To.Concat(Cc).Concat(Bcc).DistinctBy(static m => $"{m.LocalPart}@{m.AsciiDomain}", StringComparer.OrdinalIgnoreCase)];

    /// <summary>Equal for requests that ask for the same mail, however they spell it: SHA-256 of the request in one fixed form.</summary>
    public byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Contents());
        if (SendAt is not null || CancelOnReply || AutoSubmitted || Unsubscribe is not null)
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(new { SendAt, CancelOnReply, AutoSubmitted, Unsubscribe }));
        return hash.GetHashAndReset();
    }

    private byte[] Contents() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        To = To.Select(static m => m.ToString()),
        Cc = Cc.Select(static m => m.ToString()),
        Bcc = Bcc.Select(static m => m.ToString()),
        ReplyTo = ReplyTo.Select(static m => m.ToString()),
        From = From?.ToString(),
        Subject,
        Text,
        Html,
        InboxId,
        DomainId,
        ThreadId,
        Attachments = Attachments.Select(static a => new { a.Id, a.FileName, a.MediaType, Hash = a.Content is null ? null : Convert.ToHexString(SHA256.HashData(a.Content)) }),
        Headers = Headers.OrderBy(static h => h.Key, StringComparer.OrdinalIgnoreCase),
    });

    /// <exception cref="ApiException">400: the field, and what was expected.</exception>
    public static SendRequest Read(RequestBody body, string? idempotencyHeader)
    {
        var headers = HeadersOf(body, out var keyInHeaders);
        var request = new SendRequest
        {
            To = Mailboxes(body, "to"),
            Cc = Mailboxes(body, "cc"),
            Bcc = Mailboxes(body, "bcc"),
            ReplyTo = Mailboxes(body, "reply_to"),
            From = body.Text("from") is { } from && !string.IsNullOrWhiteSpace(from) ? ParseMailbox(from, "from") : null,
            Subject = body.Text("subject")?.ReplaceLineEndings(" ").Trim(),
            Text = NullIfEmpty(body.Text("text")),
            Html = NullIfEmpty(body.Text("html")),
            InboxId = NullIfEmpty(body.Text("inbox_id")),
            DomainId = NullIfEmpty(body.Text("domain_id")),
            ThreadId = NullIfEmpty(body.Text("thread_id")),
            Attachments = AttachmentsOf(body),
            Headers = headers,
            IdempotencyKey = NullIfEmpty(idempotencyHeader) ?? NullIfEmpty(body.Text("idempotency_key")) ?? keyInHeaders,
            SendAt = SendAtOf(body),
            CancelOnReply = body.Flag("cancel_on_reply") ?? false,
            AutoSubmitted = (body.Flag("auto_submitted") ?? false) || headers.Exists(IsAutoSubmitted),
            Unsubscribe = body.Flag("unsubscribe"),
        };
        request.Check();
        return request;
    }

    private void Check()
    {
        if (To.Count == 0)
            throw ApiException.Invalid("to", "to is required: an address, or an array of addresses");
        if (To.Count + Cc.Count + Bcc.Count > MaxRecipients)
            throw ApiException.Invalid("to", $"A message goes to at most {MaxRecipients} recipients over to, cc and bcc");
        if (string.IsNullOrEmpty(Subject) && ThreadId is null)
            throw ApiException.Invalid("subject", "subject is required");
        if (Subject is { Length: > MaxSubject })
            throw ApiException.Invalid("subject", $"subject must be at most {MaxSubject} characters");
        if (Text is null && Html is null)
            throw ApiException.Invalid("text", "text or html is required");
        if (Text is { Length: > MaxBody })
            throw ApiException.Invalid("text", "text must be at most 10 MB");
        if (Html is { Length: > MaxBody })
            throw ApiException.Invalid("html", "html must be at most 10 MB");
        if (IdempotencyKey is { Length: > 255 })
            throw ApiException.Invalid("idempotency_key", "The idempotency key must be 1 to 255 characters");
        if (CancelOnReply && SendAt is null)
            throw ApiException.Invalid("cancel_on_reply", "cancel_on_reply needs send_at: only a message that waits can be withdrawn");
        if (Unsubscribe == true && Recipients.Count > 1)
            throw ApiException.Invalid("unsubscribe", "unsubscribe works with one recipient over to, cc and bcc, because its link is theirs alone; send one message to each");
    }

    private static long? SendAtOf(RequestBody body)
    {
        if (body.Text("send_at") is not { } text)
            return null;
        return RequestQuery.TryParseTime(text.Trim(), out var at) ? at
            : throw ApiException.Invalid("send_at", "send_at must be an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z");
    }

    /// <summary>RFC 3834 §5: anything but "no".</summary>
    private static bool IsAutoSubmitted(KeyValuePair<string, string> header) =>
        header.Key.Equals("Auto-Submitted", StringComparison.OrdinalIgnoreCase) && header.Value.Length > 0
        && !header.Value.Split(' ', ';', '(')[0].Equals("no", StringComparison.OrdinalIgnoreCase);

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static IReadOnlyList<Mailbox> Mailboxes(RequestBody body, string field) =>
        [.. (body.Texts(field) ?? []).Where(static t => !string.IsNullOrWhiteSpace(t)).Select(t => ParseMailbox(t, field))];

    private static Mailbox ParseMailbox(string text, string field) => Mailbox.TryParse(text.Trim(), out var mailbox)
        ? mailbox : throw ApiException.Invalid(field, $"{field}: \"{Shorten(text)}\" is not an email address such as a@example.com or Name <a@example.com>");

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";

    private static IReadOnlyList<SendAttachment> AttachmentsOf(RequestBody body)
    {
        if (body.Member("attachments") is not { ValueKind: not JsonValueKind.Null } member)
            return [];
        if (member.ValueKind != JsonValueKind.Array || member.GetArrayLength() > MaxAttachments)
            throw ApiException.Invalid("attachments", $"attachments must be an array of at most {MaxAttachments} attachment ids or inline files");
        var result = new List<SendAttachment>();
        var total = 0L;
        foreach (var item in member.EnumerateArray())
        {
            var attachment = item.ValueKind switch
            {
                JsonValueKind.String => new SendAttachment(item.GetString()!, null, null, null),
                JsonValueKind.Object => InlineAttachment(RequestBody.Parse(JsonSerializer.SerializeToUtf8Bytes(item))),
                _ => throw ApiException.Invalid("attachments", "attachments must hold attachment ids or objects with filename and content"),
            };
            total += attachment.Content?.Length ?? 0;
            if (total > MaxAttachmentBytes)
                throw ApiException.Invalid("attachments", "attachments must be at most 40 MB together");
            result.Add(attachment);
        }
        return result;
    }

    private static SendAttachment InlineAttachment(RequestBody item)
    {
        var fileName = item.RequiredText("filename");
        var buffer = new byte[(item.RequiredText("content").Length * 3 / 4) + 3];
        if (!Convert.TryFromBase64String(item.RequiredText("content"), buffer, out var length))
            throw ApiException.Invalid("attachments.content", $"The content of {Shorten(fileName)} is not base64");
        return new SendAttachment(null, fileName, item.Text("content_type", "mime_type") ?? MediaTypes.OfFileName(fileName), buffer.AsSpan(0, length).ToArray());
    }

    private static List<KeyValuePair<string, string>> HeadersOf(RequestBody body, out string? idempotencyKey)
    {
        idempotencyKey = null;
        var result = new List<KeyValuePair<string, string>>();
        if (body.Member("headers") is not { ValueKind: not JsonValueKind.Null } member)
            return result;
        if (member.ValueKind != JsonValueKind.Object)
            throw ApiException.Invalid("headers", "headers must be an object of strings");
        foreach (var header in member.EnumerateObject())
        {
            if (result.Count > MaxHeaders)
                break;
            if (!MimeComposer.IsFieldName(header.Name))
                throw ApiException.Invalid("headers", $"headers: \"{Shorten(header.Name)}\" is not the name of a header field: 1 to 100 printable ASCII characters without space and colon");
            if (header.Value.ValueKind != JsonValueKind.String)
                throw ApiException.Invalid("headers", "headers must be an object of strings");
            var value = header.Value.GetString()!.ReplaceLineEndings(" ").Trim();
            if (header.Name.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase))
                idempotencyKey = NullIfEmpty(value);
            else
                result.Add(new(header.Name, value));
        }
        return result.Count <= MaxHeaders ? result : throw ApiException.Invalid("headers", $"headers must be at most {MaxHeaders} headers");
    }
}

/// <summary>An attachment to send: a stored one by id, or the file itself.</summary>
public sealed record SendAttachment(string? Id, string? FileName, string? MediaType, byte[]? Content);

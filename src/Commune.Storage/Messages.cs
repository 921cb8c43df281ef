using System.Text.Json;

namespace Commune.Storage;

/// <param name="Role"><c>sender</c>, <c>to</c>, <c>cc</c> or <c>bcc</c> (contract section 10: no other).</param>
/// <param name="Identity">Bare address, lower case.</param>
public sealed record Participant(string Role, string Identity, string? Name);

/// <summary>One mail inside a thread, received or sent, without its raw bytes.</summary>
/// <param name="SmtpMessageId">With angle brackets; null when the mail came without one.</param>
/// <param name="DeliveryStatus">Outbound: <c>queued</c>, <c>sent</c>, <c>delivered</c>, <c>bounced</c>, <c>failed</c>…; inbound: null.</param>
/// <param name="DeliveryData">JSON object text with the times and reasons of contract section 10, or null.</param>
/// <param name="Metadata">JSON object text with further members of <c>metadata</c> (authentication, screening), or null.</param>
public sealed record MailMessage(
    string OrgId, string Id, string ThreadId, string InboxId, string InboxAddress, string DomainId, string Direction, long CreatedAt,
    string Subject, IReadOnlyList<Participant> Participants, string Content, string? ContentHtml,
    IReadOnlyList<string> AttachmentIds, string? SmtpMessageId, string? InReplyTo, IReadOnlyList<string> References,
    string? DeliveryStatus, string? DeliveryData, string? Metadata)
{
    /// <summary>JSON object text: what was read out of it by the inbox's schema; null when nothing was.</summary>
    public string? ExtractedData { get; init; }

    /// <summary>JSON object text: how that was found; null when it was not tried.</summary>
    public string? Extraction { get; init; }

    /// <summary>The inbox holds it back for what screening found, until it is released.</summary>
    public bool IsQuarantined => Quarantine.IsHeld(Metadata);

    /// <summary>The inbox does not take this sender's mail, and another recipient of the same mail does.</summary>
    public bool IsBlocked => Metadata is { } metadata && metadata.Contains("\"blocked\":true", StringComparison.Ordinal)
        && JsonSerializer.Deserialize<JsonElement>(metadata).TryGetProperty("blocked", out var blocked) && blocked.ValueKind == JsonValueKind.True;

    /// <summary>It is listed, and nothing else is made of it.</summary>
    public bool IsKeptBack => IsBlocked || IsQuarantined;
}

/// <summary>At least one of inbox, domain and sender is given; all that is given must match.</summary>
/// <remarks>A page can end before its limit: it holds about eight million characters of text at most.</remarks>
/// <param name="Sender">Bare address, lower case.</param>
/// <param name="Before">Exclusive, Unix ms.</param>
/// <param name="After">Exclusive, Unix ms.</param>
public sealed record MessageQuery(
    string OrgId, string? InboxId, string? DomainId, string? ThreadId, string? Sender, long? Before, long? After,
    SortOrder Order, int Limit, PageCursor? Cursor)
{
    private const long MostCharacters = 8_000_000;

    internal HeavyPage<MailMessage> NewPage() =>
        new(Limit, MostCharacters, static message => message.Content.Length + (message.ContentHtml?.Length ?? 0));

    internal static PageCursor CursorOf(MailMessage message) => new(0, message.CreatedAt, message.Id);
}

/// <summary>
/// The exact RFC 5322 bytes: in the database row when small, else in the blob store under their hash.
/// </summary>
/// <param name="Inline">The bytes; null when they are in the blob store.</param>
/// <param name="Sha256">32 bytes, in lower-case hex the blob's key; empty for inline bytes, which have no key.</param>
public sealed record RawMessage(ReadOnlyMemory<byte>? Inline, byte[] Sha256, long Size);

/// <summary>An attachment: a part of a stored message, or a file of its own in the blob store.</summary>
/// <param name="PartPath">The part of the message's raw bytes that holds it ("1.2"), or null when <paramref name="BlobKey"/> is set.</param>
/// <param name="Size">Decoded bytes.</param>
public sealed record Attachment(
    string OrgId, string Id, string? MessageId, string? PartPath, string? BlobKey, string FileName, string MediaType, long Size,
    string? ContentId, long CreatedAt);

public interface IMessageStore
{
    Task<MailMessage?> GetAsync(string orgId, string messageId, CancellationToken cancellation);

    Task<Page<MailMessage>> ListAsync(MessageQuery query, CancellationToken cancellation);

    Task<RawMessage?> GetRawAsync(string orgId, string messageId, CancellationToken cancellation);

    Task<Attachment?> GetAttachmentAsync(string orgId, string attachmentId, CancellationToken cancellation);

    /// <summary>
    /// Stores an uploaded file's record; its bytes are in the blob store already. False, with nothing stored, when the organisation's
    /// uploads would then hold more than <paramref name="quota"/> bytes together; null means unlimited.
    /// </summary>
    Task<bool> AddAttachmentAsync(Attachment attachment, long? quota, CancellationToken cancellation);
}

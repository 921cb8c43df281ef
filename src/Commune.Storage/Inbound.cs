namespace Commune.Storage;

/// <summary>
/// A received message on its way into one or more inboxes: parsed once, delivered to each of <see cref="Deliveries"/>.
/// </summary>
public sealed record InboundMail
{
    public required RawMessage Raw { get; init; }
    public required IReadOnlyList<InboundDelivery> Deliveries { get; init; }
    public required string Subject { get; init; }

    /// <summary>The base subject in the form that is compared (rule 3), and whether the subject is reply-style.</summary>
    public required string SubjectKey { get; init; }
    public required bool IsReply { get; init; }
    public required IReadOnlyList<Participant> Participants { get; init; }
    public required string Content { get; init; }
    /// <summary>The HTML body where it has to be kept; null without one, and where <see cref="HtmlInRaw"/>.</summary>
    public required string? ContentHtml { get; init; }

    /// <summary>There is an HTML body, and it is read from the raw bytes, which stand in the database: it is not kept twice.</summary>
    public bool HtmlInRaw { get; init; }
    public required string Snippet { get; init; }
    public required string? SmtpMessageId { get; init; }
    public required string? InReplyTo { get; init; }
    public required IReadOnlyList<string> References { get; init; }
    public required IReadOnlyList<InboundAttachment> Attachments { get; init; }
    public string? Metadata { get; init; }

    /// <summary>What the index keeps of it; null leaves it out of searches.</summary>
    public SearchEntry? Search { get; init; }

    /// <summary>
    /// 32 bytes that are equal for a retry of the same mail, or null when it cannot be told (no Message-ID).
    /// An inbox stores each key once.
    /// </summary>
    public required byte[]? RetryKey { get; init; }

    /// <summary>How long, in ms, webhook deliveries of an inbox with a schema wait for what is read out of the mail.</summary>
    public long WaitForExtraction { get; init; }

    /// <summary>The receiver's clock, Unix ms; the stored time is at least this.</summary>
    public required long ReceivedAt { get; init; }

    /// <summary>Bare address of the sender, lower case; empty when the mail names none.</summary>
    public string Sender => Participants.FirstOrDefault(static p => p.Role == "sender")?.Identity ?? "";
}

/// <summary>One inbox of the envelope.</summary>
/// <param name="MessageId">The id that the message gets there.</param>
/// <param name="NewThreadId">The thread's id if a new one begins, and <paramref name="NewReplyToken"/> its token.</param>
/// <param name="RoutingToken">The plus-part of the recipient address, lower case, or null.</param>
/// <param name="AttachmentIds">One for each of <see cref="InboundMail.Attachments"/>, in order.</param>
public sealed record InboundDelivery(
    InboxRoute Route, string MessageId, string NewThreadId, string NewReplyToken, string? RoutingToken, IReadOnlyList<string> AttachmentIds)
{
    /// <summary>
    /// Not null when this inbox holds the mail back: its metadata there. It is stored and listed, the log says <c>message.quarantined</c> without a word of
    /// its text, and before it is released no search finds it and no webhook is told.
    /// </summary>
    public string? QuarantineMetadata { get; init; }

    /// <summary>The inbox does not take this sender's mail, and others of the same envelope do: it is stored, marked, and told as <c>message.blocked</c> only.</summary>
    public bool Blocked { get; init; }

    /// <summary>No webhook is told and nothing is made of it.</summary>
    public bool IsKeptBack => Blocked || QuarantineMetadata is not null;

    /// <summary>What lists of threads and the log show of the text: nothing while it is held back.</summary>
    internal string SnippetOf(InboundMail mail) => IsKeptBack ? "" : mail.Snippet;

    /// <summary>What the index gets of the mail: nothing while it is held back.</summary>
    internal SearchEntry? SearchOf(InboundMail mail) => IsKeptBack ? null : mail.Search;

    internal string EventType => Blocked ? "message.blocked" : QuarantineMetadata is not null ? "message.quarantined" : "message.received";

    /// <param name="metadata">Of the mail: JSON object text, or null.</param>
    internal string? MetadataWith(string? metadata)
    {
        metadata = QuarantineMetadata ?? metadata;
        return !Blocked ? metadata : metadata is null or "{}" ? "{\"blocked\":true}" : "{\"blocked\":true," + metadata[1..];
    }
}

public sealed record InboundAttachment(string PartPath, string FileName, string MediaType, long Size, string? ContentId);

/// <param name="MessageId">The stored message: the earlier one when <paramref name="Duplicate"/>.</param>
/// <param name="InboxGone">The inbox was deleted or made inactive after it was looked up: nothing was stored for it.</param>
public sealed record AcceptedDelivery(string MessageId, string ThreadId, bool Duplicate, bool InboxGone);

public interface IInboundStore
{
    /// <summary>
    /// Stores the message in every inbox of the envelope, in one transaction shared with whatever else waits (group commit), and returns
    /// when it is durable. Picks the thread as contract section 9 says: routing token of that inbox; In-Reply-To, References and the own
    /// Message-ID against the ids known in the inbox (the oldest thread wins when they name several); reply-style subject with the same
    /// correspondent within 30 days; else new. Appends a <c>message.received</c> event per inbox. Results are in the order of the deliveries.
    /// </summary>
    Task<IReadOnlyList<AcceptedDelivery>> AcceptAsync(InboundMail mail, CancellationToken cancellation);

    /// <summary>
    /// Lets a message in that was held back: in one transaction its metadata, the <c>message.received</c> that was not written before, its place in the
    /// index, and the webhook's delivery. A message is released once, however many ask.
    /// </summary>
    /// <param name="message">As it was read; <paramref name="snippet"/> is that of its text, <paramref name="search"/> what the index keeps of it.</param>
    /// <param name="waitForExtraction">How long the webhook of an inbox with a schema waits for the data, in ms.</param>
    Task<QuarantineRelease> ReleaseAsync(
        MailMessage message, string snippet, SearchEntry? search, long at, CancellationToken cancellation, AuditEntry? audit = null, long waitForExtraction = 0);
}

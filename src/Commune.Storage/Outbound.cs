using System.Text.Json;
using Commune.Mail.Reports;

namespace Commune.Storage;

/// <summary>A composed and signed message that an agent sends.</summary>
public sealed record OutboundMail
{
    public required string OrgId { get; init; }
    public required string InboxId { get; init; }
    public required string DomainId { get; init; }
    public required string MessageId { get; init; }

    /// <summary>The thread that it joins, or null when <see cref="NewThreadId"/> begins with it.</summary>
    public required string? ThreadId { get; init; }
    public required string NewThreadId { get; init; }
    public required string NewReplyToken { get; init; }
    public required RawMessage Raw { get; init; }
    public required string Subject { get; init; }
    public required string SubjectKey { get; init; }
    public required IReadOnlyList<Participant> Participants { get; init; }
    public required string Content { get; init; }
    public required string? ContentHtml { get; init; }
    public required string Snippet { get; init; }
    public required string SmtpMessageId { get; init; }
    public required string? InReplyTo { get; init; }
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>Attachments of this message; one whose id exists already as an unsent upload is bound to it.</summary>
    public required IReadOnlyList<Attachment> Attachments { get; init; }

    /// <summary>What the index keeps of it; null leaves it out of searches.</summary>
    public SearchEntry? Search { get; init; }

    /// <summary>Everybody the message goes to, once each.</summary>
    public required IReadOnlyList<OutboundRecipient> Recipients { get; init; }
    public IdempotencyClaim? Idempotency { get; init; }

    /// <summary>Null means unlimited.</summary>
    public SendLimits? Limits { get; init; }

    /// <summary>Beside the limits: caps by recipient, thread or domain. What they count is counted by this send.</summary>
    public IReadOnlyList<SendCap> Caps { get; init; } = [];

    /// <summary>Unix ms; null, or a time that is not after <see cref="At"/>, sends at once.</summary>
    public long? SendAt { get; init; }

    /// <summary>Withdraws a scheduled message when the other side writes first.</summary>
    public bool CancelOnReply { get; init; }
    /// <summary>Makes the response that the idempotency key remembers when some recipients are skipped; null where no key is given.</summary>
    public Func<IReadOnlyList<SkippedRecipient>, byte[]>? BodyWhenSkipped { get; init; }
    public required long At { get; init; }

    internal bool HasToWait => SendAt > At;

    internal long FirstAttemptAt => HasToWait ? SendAt!.Value : At;

    /// <param name="anybody">Some recipient is not suppressed.</param>
    internal string FirstStatus(bool anybody) => !anybody ? "suppressed" : HasToWait ? "scheduled" : "queued";
}

/// <summary>A recipient on the suppression list.</summary>
/// <param name="Reason">One of <see cref="SuppressionReason"/>.</param>
public sealed record SkippedRecipient(string Address, string Reason);

/// <param name="Address">As it goes into RCPT TO.</param>
/// <param name="Destination">The queue it waits in: the lower-case domain. One delivery job is made per message and destination.</param>
/// <param name="IsLocal">The destination is of this server: its job is a <see cref="JobKind.DeliverLocal"/>.</param>
public sealed record OutboundRecipient(string Address, string Destination, bool IsLocal = false);

/// <param name="Fingerprint">SHA-256 of the normalised request.</param>
/// <param name="Body">The response that a repeat gets, byte for byte.</param>
public sealed record IdempotencyClaim(string Key, byte[] Fingerprint, int Status, byte[] Body);

/// <summary>Accepted sends per sliding hour and day (contract section 4).</summary>
public sealed record SendLimits(int PerHour, int PerDay);

/// <summary>What has been sent: counts in the sliding windows, and when (Unix ms) each next frees up; 0 when the window is empty.</summary>
public sealed record SendUsage(int LastHour, int LastDay, long HourFreesAt, long DayFreesAt);

public abstract record QueueResult
{
    public sealed record Queued(string ThreadId, long CreatedAt) : QueueResult
    {
        /// <summary>Recipients that get no mail, since they are suppressed.</summary>
        public IReadOnlyList<SkippedRecipient> Skipped { get; init; } = [];
    }

    /// <summary>The same key and request came before: its response is given again.</summary>
    public sealed record Replayed(int Status, byte[] Body) : QueueResult;

    /// <summary>The key came before with another request.</summary>
    public sealed record KeyReused : QueueResult;

    public sealed record LimitExceeded(SendUsage Usage, bool Day) : QueueResult;

    /// <param name="FreesAt">When the oldest counted send leaves the window, Unix ms.</param>
    public sealed record CapReached(SendCap Cap, long FreesAt) : QueueResult;

    /// <summary>Too much of the organisation's mail came back.</summary>
    public sealed record Paused(SendingPause Pause) : QueueResult;

    /// <summary>The thread or the inbox was deleted meanwhile, or the inbox made inactive.</summary>
    public sealed record Gone : QueueResult;
}

/// <summary>The part of a queued message that goes to one destination.</summary>
/// <param name="Recipients">Those of the destination that still wait.</param>
public sealed record OutboundEnvelope(
    string OrgId, string MessageId, string InboxId, string SmtpMessageId, string SenderAddress, RawMessage Raw, long QueuedAt, IReadOnlyList<string> Recipients)
{
    /// <summary>What the sending domain asks of the way: see <see cref="Domain.Tls"/>.</summary>
    public string Tls { get; init; } = DomainTls.Opportunistic;
}

/// <param name="Status"><c>delivered</c>, <c>deferred</c>, <c>bounced</c> (5xx) or <c>failed</c> (gave up).</param>
/// <param name="Code">SMTP reply code, or null when there was no answer.</param>
/// <param name="Detail">The last answer, one line.</param>
public sealed record RecipientOutcome(string Address, string Status, int? Code, string Detail)
{
    /// <summary>For a bounce, where more is known than the answer tells; null works it out from that.</summary>
    public BounceClass? BounceClass { get; init; }

    /// <summary>No host was asked, since all are known to be away: it is no attempt.</summary>
    public bool NobodyAsked { get; init; }

    internal BounceClass ClassOfBounce => BounceClass ?? BounceClassifier.ClassifyReply(Code, Detail);
    /// <summary>Kept as an attempt; null when nobody was asked (the host was known to be away).</summary>
    public AttemptWay? Way { get; init; }
}

/// <summary>The state of one recipient of a sent message.</summary>
/// <param name="Status"><c>queued</c>, <c>deferred</c>, <c>delivered</c>, <c>bounced</c>, <c>failed</c>, <c>complained</c> or <c>suppressed</c>.</param>
public sealed record RecipientState(string Address, string Status, int Attempts, int? LastCode, string? LastDetail, long? NextAttemptAt, long UpdatedAt);

public interface IOutboundStore
{
    /// <summary>
    /// In one transaction: claims the idempotency key, checks and counts the limits, skips suppressed recipients (status <c>suppressed</c>, an event
    /// each; the message has that status when nobody is left), stores message, raw bytes, thread change, recipients
    /// (status <c>queued</c>), one <c>deliver</c> or <c>deliver-local</c> job per destination (key = destination, payload <see cref="DeliverPayload"/>) and a
    /// <c>message.queued</c> event. A message that waits for its time has a <see cref="JobKind.Release"/> job and a <c>message.scheduled</c> event
    /// instead. Returns when durable.
    /// </summary>
    Task<QueueResult> QueueAsync(OutboundMail mail, CancellationToken cancellation);

    /// <summary>Looks a key up before the message is composed; null when it is unknown or older than 24 h.</summary>
    Task<QueueResult?> FindIdempotentAsync(string orgId, string key, byte[] fingerprint, long now, CancellationToken cancellation);

    Task<SendUsage> GetUsageAsync(string orgId, long now, CancellationToken cancellation);

    /// <summary>Null when nothing waits for this destination any more.</summary>
    Task<OutboundEnvelope?> LoadAsync(DeliverPayload payload, CancellationToken cancellation);

    /// <summary>
    /// Records what became of the recipients, the message's <c>delivery_status</c> and data, an event per recipient and change
    /// (<c>message.sent</c> with the first attempt; <c>message.delivered</c>, <c>message.delayed</c>, <c>message.bounced</c>, <c>message.failed</c>),
    /// what that means for the suppression list, and completes the job, or sets it to <paramref name="retryAt"/> when somebody still waits: one transaction.
    /// False, with nothing changed, when the lease on the job was lost.
    /// </summary>
    Task<bool> RecordAsync(Job job, DeliverPayload payload, IReadOnlyList<RecipientOutcome> outcomes, long? retryAt, long at, CancellationToken cancellation);

    Task<IReadOnlyList<RecipientState>> GetRecipientsAsync(string orgId, string messageId, CancellationToken cancellation);

    /// <summary>The attempts at a message's recipients, the first one first, by <see cref="PageCursor.Id"/>.</summary>
    Task<Page<RecipientAttempt>> ListAttemptsAsync(string orgId, string messageId, int limit, PageCursor? cursor, CancellationToken cancellation);
}

/// <summary>Payload of a <c>deliver</c> job, stored as JSON.</summary>
public sealed record DeliverPayload(string OrgId, string MessageId, string Destination)
{
    // A payload that lacks a member must fail loudly: read as null it would look like mail that nobody waits for.
    private static readonly JsonSerializerOptions Strict = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public string ToJson() => JsonSerializer.Serialize(this, Strict);

    /// <exception cref="JsonException">Not the payload of a delivery job.</exception>
    public static DeliverPayload Parse(string json) =>
        JsonSerializer.Deserialize<DeliverPayload>(json, Strict) ?? throw new JsonException("The payload of a delivery job is null");
}

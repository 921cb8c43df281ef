using System.Text.Json;

namespace Commune.Storage;

/// <summary>A message that waits for its time.</summary>
/// <param name="CancelOnReply">It is withdrawn when the other side writes first.</param>
/// <param name="CreatedAt">When it was accepted: what came into the thread later is a reply.</param>
public sealed record ScheduledSend(string OrgId, string MessageId, string ThreadId, long SendAt, bool CancelOnReply, long CreatedAt);

public enum CancelledSchedule
{
    /// <summary>It will not be sent: by this call, or since an earlier one.</summary>
    Cancelled,

    /// <summary>It is on its way or has been sent, or was never scheduled.</summary>
    NotScheduled,

    UnknownMessage,
}

public enum ReleasedSchedule
{
    /// <summary>It stands in the queue, and the job is done.</summary>
    Released,

    /// <summary>Mail came into its thread after <c>repliesSeenUpTo</c>: nothing was changed.</summary>
    Answered,

    /// <summary>It was cancelled, or another worker has it: the job is done.</summary>
    Gone,
}

/// <summary>
/// Sends that wait for their time. <see cref="IOutboundStore.QueueAsync"/> adds one, with a <see cref="JobKind.Release"/> job; releasing and
/// cancelling exclude each other, so what was cancelled never leaves.
/// </summary>
public interface IScheduledSendStore
{
    Task<ScheduledSend?> FindAsync(string orgId, string messageId, CancellationToken cancellation);

    /// <summary>Withdraws a message that still waits: its status becomes <c>cancelled</c>, and a <c>message.cancelled</c> event tells why.</summary>
    Task<CancelledSchedule> CancelAsync(string orgId, string messageId, string reason, long at, CancellationToken cancellation);

    /// <summary>The messages of a thread that a reply withdraws.</summary>
    Task<IReadOnlyList<string>> FindCancelledByReplyAsync(string orgId, string threadId, CancellationToken cancellation);

    /// <summary>
    /// Puts a message whose time has come into the queue, in one transaction: status <c>queued</c>, the deliveries, a
    /// <c>message.queued</c> event, and the end of the job.
    /// </summary>
    /// <param name="deliveries">One <c>deliver</c> or <c>deliver-local</c> job for each destination.</param>
    /// <param name="skipped">Recipients that were suppressed meanwhile: status <c>suppressed</c>, an event each.</param>
    /// <param name="repliesSeenUpTo">For a message with <see cref="ScheduledSend.CancelOnReply"/>: up to when the thread's mail was looked at.</param>
    Task<ReleasedSchedule> ReleaseAsync(
        Job job, ReleasePayload payload, IReadOnlyList<NewJob> deliveries, IReadOnlyList<SkippedRecipient> skipped, long repliesSeenUpTo, long at,
        CancellationToken cancellation);
}

/// <summary>Payload of a <see cref="JobKind.Release"/> job, stored as JSON.</summary>
public sealed record ReleasePayload(string OrgId, string MessageId)
{
    private static readonly JsonSerializerOptions Strict = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public string ToJson() => JsonSerializer.Serialize(this, Strict);

    /// <exception cref="JsonException">Not the payload of a release job.</exception>
    public static ReleasePayload Parse(string json) =>
        JsonSerializer.Deserialize<ReleasePayload>(json, Strict) ?? throw new JsonException("The payload of a release job is null");
}

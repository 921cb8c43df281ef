using System.Security.Cryptography;
using System.Text;

namespace Commune.Storage;

/// <summary>A call that an endpoint is owed, and how far it has come.</summary>
/// <param name="Status"><c>pending</c>, <c>failed</c> (another attempt comes), <c>delivered</c> or <c>dead</c>.</param>
/// <param name="Attempts">All that were made.</param>
/// <param name="EarlierAttempts">Those of the sets before the present one: a dead delivery that is retried gets a fresh set.</param>
/// <param name="Forced">The next attempt goes past an open circuit.</param>
/// <param name="LatencyMs">How long the last attempt took.</param>
/// <param name="PayloadHash">SHA-256 of the body in lower-case hex; null before the body was fixed.</param>
/// <param name="WebhookId">The organisation's endpoint that is told; null when it is the inbox's own webhook.</param>
/// <param name="EventSequence">The event that is told to <paramref name="WebhookId"/>. Where it has no inbox or message, their ids here are empty.</param>
public sealed record WebhookDelivery(
    string OrgId, string Id, string InboxId, string MessageId, string Endpoint, string Status, int Attempts, int EarlierAttempts, bool Forced,
    long CreatedAt, long? DeliveredAt, long? DeadAt, string? LastError, int? LastCode, long? LatencyMs, long? NextRetryAt, string? PayloadHash,
    string? WebhookId = null, long? EventSequence = null, string? EventType = null)
{
    /// <summary>A delivery begins so, in the transaction of the message that it tells of.</summary>
    public static WebhookDelivery Of(string orgId, string inboxId, string messageId, WebhookSetting webhook, long at) => new(
        orgId, EntityId.NewSortable("wdel_", DateTimeOffset.FromUnixTimeMilliseconds(at)), inboxId, messageId, webhook.Endpoint, "pending",
        Attempts: 0, EarlierAttempts: 0, Forced: false, at, null, null, null, null, null, null, null);

    /// <summary>Begins so in the transaction of the event, for each endpoint of the organisation that wants it.</summary>
    internal static WebhookDelivery Of(MailEvent entry, WebhookSubscription subscription) =>
        Of(entry.OrgId, entry.InboxId ?? "", entry.MessageId ?? "", new WebhookSetting(subscription.Endpoint, [], ""), entry.At) with
        {
            WebhookId = subscription.Id,
            EventSequence = entry.Sequence,
            EventType = entry.Type,
        };

    /// <summary>The same call once more, as a delivery of its own.</summary>
    internal WebhookDelivery Again(long at) => Of(OrgId, InboxId, MessageId, new WebhookSetting(Endpoint, [], ""), at) with
    {
        WebhookId = WebhookId,
        EventSequence = EventSequence,
        EventType = EventType,
    };

    /// <summary>The job that makes the attempts has the delivery's id; its key is the endpoint, so that a slow one holds up nobody else.</summary>
    internal NewJob Job(long dueAt) => new(Id, JobKind.Webhook, WebhookKey.Of(OrgId, Endpoint), OrgId, Id, dueAt);
}

/// <summary>Names an endpoint of an organisation where a long URL cannot stand.</summary>
public static class WebhookKey
{
    public static string Of(string orgId, string endpoint) =>
        $"{orgId} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(endpoint)).AsSpan(0, 12))}";
}

/// <summary>One try, as it is shown.</summary>
public sealed record WebhookAttempt(int Attempt, int? StatusCode, string? Error, long LatencyMs, long AttemptedAt);

/// <summary>All that an attempt begins with.</summary>
/// <param name="Webhook">The present setting of the inbox, or of the organisation's endpoint; null when there is none, or it is deleted.</param>
/// <param name="Payload">Null before the body was fixed.</param>
/// <param name="Failures">How often the endpoint of <paramref name="Webhook"/> failed in a row.</param>
/// <param name="OpenUntil">Until when it is left alone, Unix ms.</param>
/// <param name="Headers">Sent with the call.</param>
public sealed record WebhookWork(
    WebhookDelivery Delivery, WebhookSetting? Webhook, byte[]? Payload, int Failures, long OpenUntil, IReadOnlyDictionary<string, string>? Headers = null);

/// <summary>What an attempt came to.</summary>
/// <param name="Error">Null when it succeeded.</param>
/// <param name="RetryAt">The next attempt, Unix ms; null ends the delivery.</param>
/// <param name="Disables">The endpoint said that it is gone: the inbox's webhook is switched off.</param>
/// <param name="Threshold">So many failures in a row open the circuit, until <paramref name="PauseUntil"/>.</param>
public sealed record WebhookOutcome(
    int? StatusCode, string? Error, long LatencyMs, long AttemptedAt, long At, long? RetryAt, bool Disables, int Threshold, long PauseUntil)
{
    public bool Succeeded => Error is null;

    internal string Status => Succeeded ? "delivered" : RetryAt is null ? "dead" : "failed";

    internal long? NextRetryAt => Succeeded ? null : RetryAt;
}

/// <param name="Cursor">The delivery after which the page begins, or null; <paramref name="Offset"/> counts from there.</param>
public sealed record WebhookQuery(
    string OrgId, string? InboxId, string? Status, string? Endpoint, int Limit, int Offset, PageCursor? Cursor, string? WebhookId = null);

public sealed record WebhookPage(Page<WebhookDelivery> Page, long Total);

/// <param name="Statuses">Which deliveries are sent again; those that were delivered go out as new deliveries.</param>
public sealed record WebhookReplay(
    string OrgId, long From, long To, string? InboxId, IReadOnlyList<string> Statuses, int Limit, string? WebhookId = null);

public enum WebhookRetry
{
    Retried,
    NotFound,
    AlreadyDelivered,
}

/// <summary>One endpoint over the window asked for.</summary>
/// <param name="OpenUntil">Until when it is left alone, Unix ms; 0 when its circuit is closed.</param>
public sealed record WebhookEndpointHealth(
    string Endpoint, long Total, long Delivered, long Failed, long Dead, double? AverageLatencyMs, long? LastSuccess, long? LastFailure, long OpenUntil);

public sealed record WebhookTotals(long Pending, long Delivered, long Failed, long Dead);

public sealed record WebhookHealth(IReadOnlyList<WebhookEndpointHealth> Endpoints, WebhookTotals Totals);

public interface IWebhookStore
{
    /// <summary>Null when there is no such delivery any more.</summary>
    Task<WebhookWork?> LoadAsync(string orgId, string deliveryId, CancellationToken cancellation);

    /// <summary>Fixes the endpoint, and the body unless it is fixed, before an attempt. False, with nothing changed, when the lease was lost.</summary>
    Task<bool> PrepareAsync(Job job, string endpoint, byte[] payload, CancellationToken cancellation);

    /// <summary>
    /// Takes the one probe that a circuit allows when its pause is over: true for one caller, and the pause goes on until
    /// <paramref name="until"/> for everybody else.
    /// </summary>
    Task<bool> TryProbeAsync(string orgId, string endpoint, long now, long until, CancellationToken cancellation);

    /// <summary>
    /// In one transaction: the attempt, the delivery's state, the endpoint's circuit, the events <c>webhook.dead</c>, <c>webhook.paused</c>,
    /// <c>webhook.resumed</c> and <c>webhook.disabled</c>, and the job, which ends or gets its next time. False, with nothing changed, when the
    /// lease was lost.
    /// </summary>
    Task<bool> RecordAsync(Job job, string endpoint, WebhookOutcome outcome, CancellationToken cancellation);

    /// <summary>Ends a delivery without an attempt: there is nowhere to send it. False when the lease was lost.</summary>
    Task<bool> AbandonAsync(Job job, string reason, long at, CancellationToken cancellation);

    Task<WebhookDelivery?> GetAsync(string orgId, string deliveryId, CancellationToken cancellation);

    Task<IReadOnlyList<WebhookAttempt>> GetAttemptsAsync(string orgId, string deliveryId, CancellationToken cancellation);

    /// <summary>Newest first.</summary>
    Task<WebhookPage> ListAsync(WebhookQuery query, CancellationToken cancellation);

    /// <summary>Makes the delivery due at once, also past an open circuit; a dead one gets a fresh set of attempts.</summary>
    Task<WebhookRetry> RetryAsync(string orgId, string deliveryId, long now, CancellationToken cancellation);

    /// <summary>Sends deliveries made in a time range again, the oldest first; the number of them.</summary>
    Task<int> ReplayAsync(WebhookReplay replay, long now, CancellationToken cancellation);

    Task<WebhookHealth> GetHealthAsync(string orgId, long since, CancellationToken cancellation);

    /// <summary>Forgets deliveries that ended before a time; bounded work per call.</summary>
    Task SweepAsync(long endedBefore, CancellationToken cancellation);
}

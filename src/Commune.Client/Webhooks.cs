namespace Commune.Client;

/// <summary>Endpoints of the organisation, and what became of calls to webhook endpoints.</summary>
public sealed class WebhookCalls
{
    private readonly Transport transport;

    internal WebhookCalls(Transport transport) => this.transport = transport;

    /// <summary>The endpoints of the organisation; those of inboxes stand in the inboxes.</summary>
    public IAsyncEnumerable<Webhook> ListAsync(CancellationToken cancellation = default) => transport.PagesAsync<Webhook>("/v1/webhooks", cancellation);

    /// <summary>Makes an endpoint. Its secret is in this answer, and not in others.</summary>
    public Task<Webhook> CreateAsync(NewWebhook webhook, CancellationToken cancellation = default) =>
        transport.DataAsync<Webhook>(HttpMethod.Post, "/v1/webhooks", webhook, cancellation);

    public Task<Webhook> GetAsync(string webhookId, CancellationToken cancellation = default) => transport.DataAsync<Webhook>(HttpMethod.Get, WebhookPath(webhookId), null, cancellation);

    public Task<Webhook> UpdateAsync(string webhookId, WebhookChange change, CancellationToken cancellation = default) =>
        transport.DataAsync<Webhook>(HttpMethod.Patch, WebhookPath(webhookId), change, cancellation);

    public Task DeleteAsync(string webhookId, CancellationToken cancellation = default) => transport.DataAsync<Done>(HttpMethod.Delete, WebhookPath(webhookId), null, cancellation);

    /// <summary>Gives an endpoint another secret, which is in the answer; calls are signed with the former one as well for a time.</summary>
    /// <param name="secret">Null lets the server make one.</param>
    public Task<Webhook> RotateSecretAsync(string webhookId, string? secret = null, CancellationToken cancellation = default) =>
        transport.DataAsync<Webhook>(HttpMethod.Post, WebhookPath(webhookId) + "/rotate-secret", new { secret }, cancellation);

    /// <param name="status"><c>pending</c>, <c>failed</c>, <c>delivered</c> or <c>dead</c>.</param>
    public IAsyncEnumerable<WebhookDelivery> DeliveriesAsync(
        string? inboxId = null, string? status = null, string? endpoint = null, string? webhookId = null, CancellationToken cancellation = default) =>
        transport.PagesAsync<WebhookDelivery>(
            Transport.With("/v1/webhooks/deliveries", ("inbox_id", inboxId), ("status", status), ("endpoint", endpoint), ("webhook_id", webhookId)), cancellation);

    public Task<WebhookDelivery> DeliveryAsync(string deliveryId, CancellationToken cancellation = default) =>
        transport.DataAsync<WebhookDelivery>(HttpMethod.Get, Path(deliveryId), null, cancellation);

    /// <summary>Attempts a delivery again at once.</summary>
    public Task<WebhookDelivery> RetryAsync(string deliveryId, CancellationToken cancellation = default) =>
        transport.DataAsync<WebhookDelivery>(HttpMethod.Post, Path(deliveryId) + "/retry", null, cancellation);

    /// <summary>Sends the deliveries of a time range again, a thousand at most.</summary>
    public Task<ReplayedDeliveries> ReplayAsync(
        DateTimeOffset from, DateTimeOffset to, string? inboxId = null, IReadOnlyList<string>? status = null, string? webhookId = null,
        CancellationToken cancellation = default) =>
        transport.DataAsync<ReplayedDeliveries>(HttpMethod.Post, "/v1/webhooks/deliveries/replay", new { from, to, inboxId, status, webhookId }, cancellation);

    public Task<WebhookHealth> HealthAsync(CancellationToken cancellation = default) =>
        transport.DataAsync<WebhookHealth>(HttpMethod.Get, "/v1/webhooks/health", null, cancellation);

    /// <summary>Calls the webhook of an inbox, or one of the organisation, once with something made up.</summary>
    public Task<WebhookTest> TestAsync(string? inboxId = null, string? webhookId = null, CancellationToken cancellation = default) =>
        transport.DataAsync<WebhookTest>(HttpMethod.Post, "/v1/webhooks/test", new { inboxId, webhookId }, cancellation);

    private static string WebhookPath(string webhookId) => "/v1/webhooks/" + Transport.Segment(webhookId);

    private static string Path(string deliveryId) => "/v1/webhooks/deliveries/" + Transport.Segment(deliveryId);
}

/// <param name="InboxIds">Empty for all inboxes.</param>
/// <param name="HeaderNames">The headers that each call carries; their values are not shown.</param>
/// <param name="Secret">Null but when it is made.</param>
public sealed record Webhook(
    string Id, string Endpoint, IReadOnlyList<string> Events, IReadOnlyList<string> InboxIds, string? Description, IReadOnlyList<string> HeaderNames, bool Enabled, string Status,
    string? DisabledReason, DateTimeOffset? FormerSecretUntil, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string? Secret);

/// <summary>An endpoint that is told of events of the organisation.</summary>
public sealed record NewWebhook
{
    public required string Endpoint { get; init; }

    /// <summary>Types such as <c>message.received</c>, all of a kind (<c>thread.*</c>), or <c>*</c>; null for received mail.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>Null for all inboxes.</summary>
    public IReadOnlyList<string>? InboxIds { get; init; }
    public string? Secret { get; init; }

    /// <summary>What each call carries.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
    public string? Description { get; init; }
    public bool? Enabled { get; init; }
}

/// <summary>What is null stays as it is; an empty list, an empty dictionary or text removes.</summary>
public sealed record WebhookChange
{
    public string? Endpoint { get; init; }
    public IReadOnlyList<string>? Events { get; init; }
    public IReadOnlyList<string>? InboxIds { get; init; }
    public string? Secret { get; init; }
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
    public string? Description { get; init; }
    public bool? Enabled { get; init; }
}

/// <param name="WebhookId">The organisation's endpoint; null for an inbox's own.</param>
/// <param name="Attempts">Null in a list.</param>
public sealed record WebhookDelivery(
    string DeliveryId, string? WebhookId, string EventType, string? InboxId, string? MessageId, string Endpoint, string Status, int AttemptCount, int MaxAttempts, DateTimeOffset CreatedAt, DateTimeOffset? DeliveredAt,
    DateTimeOffset? DeadAt, string? LastError, int? LastStatusCode, DateTimeOffset? NextRetryAt, IReadOnlyList<WebhookAttempt>? Attempts);

public sealed record WebhookAttempt(int Attempt, int? StatusCode, string? Error, long LatencyMs, DateTimeOffset AttemptedAt);

public sealed record ReplayedDeliveries(int Replayed, bool HasMore);

public sealed record WebhookHealth(IReadOnlyList<EndpointHealth> Endpoints, WebhookTotals Totals, double? SuccessRate);

public sealed record EndpointHealth(string Endpoint, long Total, long Delivered, long Failed, long Dead, double? SuccessRate, double? AvgLatencyMs, DateTimeOffset? PausedUntil);

public sealed record WebhookTotals(long Pending, long Delivered, long Failed, long Dead);

public sealed record WebhookTest(bool Delivered, int? StatusCode, long ResponseTimeMs, string Endpoint, string? Error);

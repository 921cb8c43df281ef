namespace Commune.Client;

/// <summary>What became of calls to webhook endpoints.</summary>
public sealed class WebhookCalls
{
    private readonly Transport transport;

    internal WebhookCalls(Transport transport) => this.transport = transport;

    /// <param name="status"><c>pending</c>, <c>failed</c>, <c>delivered</c> or <c>dead</c>.</param>
    public IAsyncEnumerable<WebhookDelivery> DeliveriesAsync(string? inboxId = null, string? status = null, string? endpoint = null, CancellationToken cancellation = default) =>
        transport.PagesAsync<WebhookDelivery>(Transport.With("/v1/webhooks/deliveries", ("inbox_id", inboxId), ("status", status), ("endpoint", endpoint)), cancellation);

    public Task<WebhookDelivery> DeliveryAsync(string deliveryId, CancellationToken cancellation = default) =>
        transport.DataAsync<WebhookDelivery>(HttpMethod.Get, Path(deliveryId), null, cancellation);

    /// <summary>Attempts a delivery again at once.</summary>
    public Task<WebhookDelivery> RetryAsync(string deliveryId, CancellationToken cancellation = default) =>
        transport.DataAsync<WebhookDelivery>(HttpMethod.Post, Path(deliveryId) + "/retry", null, cancellation);

    /// <summary>Sends the deliveries of a time range again, a thousand at most.</summary>
    public Task<ReplayedDeliveries> ReplayAsync(
        DateTimeOffset from, DateTimeOffset to, string? inboxId = null, IReadOnlyList<string>? status = null, CancellationToken cancellation = default) =>
        transport.DataAsync<ReplayedDeliveries>(HttpMethod.Post, "/v1/webhooks/deliveries/replay", new { from, to, inboxId, status }, cancellation);

    public Task<WebhookHealth> HealthAsync(CancellationToken cancellation = default) =>
        transport.DataAsync<WebhookHealth>(HttpMethod.Get, "/v1/webhooks/health", null, cancellation);

    /// <summary>Calls the webhook of an inbox once with a made-up message.</summary>
    public Task<WebhookTest> TestAsync(string inboxId, CancellationToken cancellation = default) =>
        transport.DataAsync<WebhookTest>(HttpMethod.Post, "/v1/webhooks/test", new { inboxId }, cancellation);

    private static string Path(string deliveryId) => "/v1/webhooks/deliveries/" + Transport.Segment(deliveryId);
}

/// <param name="Attempts">Null in a list.</param>
public sealed record WebhookDelivery(
    string DeliveryId, string InboxId, string MessageId, string Endpoint, string Status, int AttemptCount, int MaxAttempts, DateTimeOffset CreatedAt, DateTimeOffset? DeliveredAt,
    DateTimeOffset? DeadAt, string? LastError, int? LastStatusCode, DateTimeOffset? NextRetryAt, IReadOnlyList<WebhookAttempt>? Attempts);

public sealed record WebhookAttempt(int Attempt, int? StatusCode, string? Error, long LatencyMs, DateTimeOffset AttemptedAt);

public sealed record ReplayedDeliveries(int Replayed, bool HasMore);

public sealed record WebhookHealth(IReadOnlyList<EndpointHealth> Endpoints, WebhookTotals Totals, double? SuccessRate);

public sealed record EndpointHealth(string Endpoint, long Total, long Delivered, long Failed, long Dead, double? SuccessRate, double? AvgLatencyMs, DateTimeOffset? PausedUntil);

public sealed record WebhookTotals(long Pending, long Delivered, long Failed, long Dead);

public sealed record WebhookTest(bool Delivered, int? StatusCode, long ResponseTimeMs, string Endpoint, string? Error);

using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>The delivery object of contract section 14.</summary>
internal record DeliveryResponse
{
    public required string DeliveryId { get; init; }
    public string Id => DeliveryId;
    /// <summary>The organisation's endpoint that is told; null for an inbox's own webhook.</summary>
    public required string? WebhookId { get; init; }
    public required string EventType { get; init; }

    /// <summary>Null, like <see cref="MessageId"/>, when the event has none.</summary>
    public required string? InboxId { get; init; }
    public required string? MessageId { get; init; }
    public required string Endpoint { get; init; }
    public required string Status { get; init; }
    public required int AttemptCount { get; init; }
    [JsonPropertyName("attemptCount")] public int AttemptCountAlias => AttemptCount;

    /// <summary>All that may be made: a dead delivery that is retried gets a fresh set on top.</summary>
    public required int MaxAttempts { get; init; }
    public required string CreatedAt { get; init; }
    [JsonPropertyName("createdAt")] public string CreatedAtAlias => CreatedAt;
    public required string? DeliveredAt { get; init; }
    public required string? DeadAt { get; init; }
    public required string? LastError { get; init; }
    public required int? LastStatusCode { get; init; }
    [JsonPropertyName("httpStatus")] public int? HttpStatus => LastStatusCode;
    public required long? DeliveryLatencyMs { get; init; }
    public required string? NextRetryAt { get; init; }

    public static DeliveryResponse From(WebhookDelivery delivery, WebhookSchedule schedule) => new()
    {
        DeliveryId = delivery.Id,
        WebhookId = delivery.WebhookId,
        EventType = delivery.EventType ?? "message.received",
        InboxId = delivery.InboxId is "" ? null : delivery.InboxId,
        MessageId = delivery.MessageId is "" ? null : delivery.MessageId,
        Endpoint = delivery.Endpoint,
        Status = delivery.Status,
        AttemptCount = delivery.Attempts,
        MaxAttempts = delivery.EarlierAttempts + schedule.MaxAttempts,
        CreatedAt = ApiJson.Time(delivery.CreatedAt),
        DeliveredAt = ApiJson.Time(delivery.DeliveredAt),
        DeadAt = ApiJson.Time(delivery.DeadAt),
        LastError = delivery.LastError,
        LastStatusCode = delivery.LastCode,
        DeliveryLatencyMs = delivery.LatencyMs,
        NextRetryAt = ApiJson.Time(delivery.NextRetryAt),
    };
}

/// <summary>One delivery with its attempts, the newest last.</summary>
internal sealed record DeliveryDetail : DeliveryResponse
{
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public DeliveryDetail(WebhookDelivery delivery, IReadOnlyList<WebhookAttempt> attempts, WebhookSchedule schedule)
        : base(From(delivery, schedule))
    {
        PayloadHash = delivery.PayloadHash;
        Attempts = [.. attempts.Select(static a => new AttemptResponse(a.Attempt, a.StatusCode, a.Error, a.LatencyMs, ApiJson.Time(a.AttemptedAt)))];
    }

    /// <summary>SHA-256 of the body, the same for every attempt; null before the first.</summary>
    public string? PayloadHash { get; }
    public IReadOnlyList<AttemptResponse> Attempts { get; }
}

internal sealed record AttemptResponse(int Attempt, int? StatusCode, string? Error, long LatencyMs, string AttemptedAt);

using System.Text.Json.Serialization;
using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Delivery;

/// <summary>Lists what became of each recipient, newest first: one event per recipient and change.</summary>
internal static class ListEvents
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store)
    {
        var parameters = http.Request.Query;
        var (inboxId, domainId, message, type) =
            (parameters.Text("inbox_id"), parameters.Text("domain_id"), parameters.Text("message_id"), parameters.Text("event_type"));
        if (inboxId is null && domainId is null && message is null)
            throw ApiException.Invalid("inbox_id", "inbox_id, domain_id or message_id is required");
        if (type is not null && !DeliveryEventType.IsKnown(type))
            throw ApiException.Invalid("event_type", "event_type must be sent, delivered, bounced, complained, failed, delivery_delayed or suppressed");
        var (limit, cursor) = (parameters.Limit(50, 200), parameters.Cursor());
        await InboxEndpoints.CheckFilterAsync(store, http, inboxId, domainId);

        var orgId = Authentication.CallerOf(http).OrgId;
        var messageId = message is null ? null : await FindMessageAsync(store, orgId, message, http.RequestAborted) ?? throw ApiException.NotFound("Message");
        var page = await store.DeliveryEvents.ListAsync(new DeliveryEventQuery(orgId, inboxId, domainId, messageId, type, limit, cursor), http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<DeliveryEventResponse>.From(page.Select(DeliveryEventResponse.FromStored)));
    }

    /// <summary>By its id, or by its SMTP Message-ID with or without brackets.</summary>
    private static async Task<string?> FindMessageAsync(IStore store, string orgId, string message, CancellationToken cancellation)
    {
        if (!message.Contains('@', StringComparison.Ordinal))
            return (await store.Messages.GetAsync(orgId, message, cancellation))?.Id;
        var smtpId = message.StartsWith('<') ? message : $"<{message}>";
        return (await store.DeliveryReports.FindByMessageIdAsync(orgId, smtpId, cancellation))?.MessageId;
    }
}

/// <summary>The event object of contract section 13.</summary>
public sealed record DeliveryEventResponse
{
    public required string EventId { get; init; }
    [JsonPropertyName("_id")] public string UnderscoreId => EventId;
    public string Id => EventId;
    public required string MessageId { get; init; }
    [JsonPropertyName("messageId")] public string MessageIdAlias => MessageId;
    public required string EventType { get; init; }
    public string Type => EventType;
    public required string Recipient { get; init; }
    public string Email => Recipient;
    public required string Timestamp { get; init; }
    public string ProcessedAt => Timestamp;
    public string CreatedAt => Timestamp;
    public required string? Detail { get; init; }
    public required DeliveryEventData EventData { get; init; }
    public required string InboxId { get; init; }
    public required string DomainId { get; init; }

    public static DeliveryEventResponse FromStored(DeliveryEvent entry) => new()
    {
        EventId = entry.Id,
        MessageId = entry.MessageId,
        EventType = entry.Type,
        Recipient = entry.Recipient,
        Timestamp = ApiJson.Time(entry.At),
        Detail = entry.Detail,
        EventData = new DeliveryEventData(
            entry.Code, entry.BounceClass is { } bounce ? bounce == "hard" ? "hard" : "soft" : null, entry.BounceClass),
        InboxId = entry.InboxId,
        DomainId = entry.DomainId,
    };
}

/// <param name="BounceType"><c>hard</c> or <c>soft</c>.</param>
/// <param name="BounceClass"><c>hard</c>, <c>soft</c>, <c>block</c>, <c>full</c> or <c>policy</c>.</param>
public sealed record DeliveryEventData(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SmtpCode,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? BounceType,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? BounceClass);

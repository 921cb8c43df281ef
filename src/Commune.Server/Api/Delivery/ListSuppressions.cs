using System.Text.Json.Serialization;
using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Delivery;

/// <summary>Lists the addresses that an inbox or a domain sends no more mail to, or looks one address up.</summary>
internal static class ListSuppressions
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time)
    {
        var parameters = http.Request.Query;
        var (inboxId, domainId, email) = (parameters.Text("inbox_id"), parameters.Text("domain_id"), parameters.Text("email"));
        if (inboxId is null && domainId is null && email is null)
            throw ApiException.Invalid("inbox_id", "inbox_id, domain_id or email is required");
        var (limit, cursor) = (parameters.Limit(50, 200), parameters.Cursor());
        await InboxEndpoints.CheckFilterAsync(store, http, inboxId, domainId);
        var page = await store.Suppressions.ListAsync(
            new SuppressionQuery(
                Authentication.CallerOf(http).OrgId, inboxId, domainId, email is null ? null : DeliveryEndpoints.AddressKey(email),
                time.GetUtcNow().ToUnixTimeMilliseconds(), limit, cursor),
            http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<SuppressionResponse>.From(page.Select(SuppressionResponse.FromStored)));
    }
}

/// <summary>The suppression object of contract section 13.</summary>
public sealed record SuppressionResponse
{
    public required string Id { get; init; }
    [JsonPropertyName("_id")] public string UnderscoreId => Id;
    public required string Email { get; init; }
    public required string Reason { get; init; }
    public required string Type { get; init; }

    /// <summary><c>inbox</c>, or <c>global</c> for what holds in the whole organisation.</summary>
    public required string Source { get; init; }
    public required string? InboxId { get; init; }
    public required string? DomainId { get; init; }
    public required string? MessageId { get; init; }
    public required string SuppressedAt { get; init; }
    [JsonPropertyName("suppressedAt")] public string SuppressedAtAlias => SuppressedAt;
    public string CreatedAt => SuppressedAt;
    public required string? ExpiresAt { get; init; }
    public required SuppressionMetadata Metadata { get; init; }

    public static SuppressionResponse FromStored(Suppression entry) => new()
    {
        Id = entry.Id,
        Email = entry.Address,
        Reason = entry.Reason,
        Type = entry.Reason switch
        {
            SuppressionReason.HardBounce => "hard",
            SuppressionReason.SoftBounce => "soft",
            SuppressionReason.Complaint => "spam",
            _ => "permanent",
        },
        Source = entry.InboxId is null ? "global" : "inbox",
        InboxId = entry.InboxId,
        DomainId = entry.DomainId,
        MessageId = entry.MessageId,
        SuppressedAt = ApiJson.Time(entry.SuppressedAt),
        ExpiresAt = ApiJson.Time(entry.ExpiresAt),
        Metadata = entry.Reason is SuppressionReason.HardBounce or SuppressionReason.SoftBounce
            ? new SuppressionMetadata(entry.Detail, null) : new SuppressionMetadata(null, entry.Detail),
    };
}

public sealed record SuppressionMetadata(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? BounceReason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail);

using System.Text.Json;
using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>The inbox object of contract section 8: every name in both spellings.</summary>
public sealed record InboxResponse
{
    public required string Id { get; init; }
    public required string LocalPart { get; init; }
    [JsonPropertyName("localPart")] public string LocalPartAlias => LocalPart;
    public required string Address { get; init; }
    public string Email => Address;
    public required string? DisplayName { get; init; }
    [JsonPropertyName("displayName")] public string? DisplayNameAlias => DisplayName;
    public string? Name => DisplayName;
    public required InboxAgent? Agent { get; init; }
    public required WebhookResponse? Webhook { get; init; }
    public required JsonElement? ExtractionSchema { get; init; }
    [JsonPropertyName("extractionSchema")] public JsonElement? ExtractionSchemaAlias => ExtractionSchema;
    public required ScreeningResponse? Screening { get; init; }
    public required string Status { get; init; }
    public required string DomainId { get; init; }
    [JsonPropertyName("domainId")] public string DomainIdAlias => DomainId;
    public required string DomainName { get; init; }
    public required string CreatedAt { get; init; }
    [JsonPropertyName("createdAt")] public string CreatedAtAlias => CreatedAt;

    public static InboxResponse From(Inbox inbox) => new()
    {
        Id = inbox.Id,
        LocalPart = inbox.LocalPart,
        Address = inbox.Address,
        DisplayName = inbox.DisplayName,
        Agent = inbox.DisplayName is { } name ? new InboxAgent(name) : null,
        Webhook = inbox.Webhook is { } hook ? WebhookResponse.From(hook) : null,
        ExtractionSchema = inbox.ExtractionSchema is { } schema ? JsonSerializer.Deserialize<JsonElement>(schema) : null,
        Screening = inbox.Screening is { } s ? new ScreeningResponse(s.SpamReject, s.SpamQuarantine, s.InjectionReject, s.InjectionQuarantine) : null,
        Status = inbox.Status,
        DomainId = inbox.DomainId,
        DomainName = inbox.DomainName,
        CreatedAt = ApiJson.Time(inbox.CreatedAt),
    };
}

public sealed record InboxAgent(string Name);

/// <summary>From which score on, 0 to 1, mail is refused or held back; null never.</summary>
public sealed record ScreeningResponse(double? SpamReject, double? SpamQuarantine, double? InjectionReject, double? InjectionQuarantine);

/// <param name="Status"><c>active</c>, or <c>disabled</c> when the endpoint answered 410 Gone: setting the webhook again enables it.</param>
/// <param name="FormerSecretUntil">Until when calls are also signed with the secret before this one.</param>
public sealed record WebhookResponse(
    string Endpoint, IReadOnlyList<string> Events, string Secret, string Status, string? DisabledReason, string? FormerSecretUntil,
    bool AgentView)
{
    public static WebhookResponse From(WebhookSetting webhook) => new(
        webhook.Endpoint, webhook.Events, webhook.Secret, webhook.DisabledReason is null ? "active" : "disabled", webhook.DisabledReason,
        ApiJson.Time(webhook.FormerSecretUntil), webhook.AgentView);
}

/// <summary>An inbox under <c>data</c>, with the top-level copies that the CLI prints.</summary>
public sealed record InboxCreated(InboxResponse Data)
{
    public string Id => Data.Id;
    public string Address => Data.Address;
    public string Email => Data.Address;
}

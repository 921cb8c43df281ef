using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>An endpoint of the organisation as it is shown: neither its secret nor the values of its headers.</summary>
internal record EndpointResponse
{
    public required string Id { get; init; }
    public required string Endpoint { get; init; }
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>Empty for all inboxes.</summary>
    public required IReadOnlyList<string> InboxIds { get; init; }
    public required string? Description { get; init; }
    public required IReadOnlyList<string> HeaderNames { get; init; }
    public required bool Enabled { get; init; }

    /// <summary><c>active</c>, or <c>disabled</c>: it is switched off, or its endpoint answered 410 Gone.</summary>
    public required string Status { get; init; }
    public required string? DisabledReason { get; init; }
    public required string? FormerSecretUntil { get; init; }
    public required string CreatedAt { get; init; }
    public required string UpdatedAt { get; init; }

    public static EndpointResponse From(WebhookEndpoint endpoint) => new()
    {
        Id = endpoint.Id,
        Endpoint = endpoint.Endpoint,
        Events = endpoint.Events,
        InboxIds = endpoint.InboxIds,
        Description = endpoint.Description,
        HeaderNames = [.. endpoint.Headers.Keys.Order(StringComparer.OrdinalIgnoreCase)],
        Enabled = endpoint.Enabled,
        Status = endpoint is { Enabled: true, DisabledReason: null } ? "active" : "disabled",
        DisabledReason = endpoint.DisabledReason,
        FormerSecretUntil = ApiJson.Time(endpoint.FormerSecretUntil),
        CreatedAt = ApiJson.Time(endpoint.CreatedAt),
        UpdatedAt = ApiJson.Time(endpoint.UpdatedAt),
    };
}

/// <summary>An endpoint with its secret: shown when it is made, and when it gets another.</summary>
internal sealed record IssuedEndpoint : EndpointResponse
{
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public IssuedEndpoint(WebhookEndpoint endpoint)
        : base(From(endpoint)) => Secret = endpoint.Secret;

    public string Secret { get; }
}

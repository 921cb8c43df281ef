using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.ApiKeys;

/// <summary>The key record of contract section 16.2; never with its secret.</summary>
public record ApiKeyResponse
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    [JsonPropertyName("keyPrefix")] public required string KeyPrefix { get; init; }
    public required IReadOnlyList<string> Permissions { get; init; }

    /// <summary><c>active</c>, <c>inactive</c> or <c>expired</c>.</summary>
    public required string Status { get; init; }
    [JsonPropertyName("expiresAt")] public required string? ExpiresAt { get; init; }
    [JsonPropertyName("lastUsedAt")] public required string? LastUsedAt { get; init; }
    [JsonPropertyName("createdAt")] public required string CreatedAt { get; init; }

    internal static ApiKeyResponse From(ApiKey key, long? lastUsedAt, long now) => new()
    {
        Id = key.Id,
        Name = key.Name,
        KeyPrefix = key.Prefix,
        Permissions = key.Permissions,
        Status = key.Status == "active" && key.ExpiresAt <= now ? "expired" : key.Status,
        ExpiresAt = ApiJson.Time(key.ExpiresAt),
        LastUsedAt = ApiJson.Time(lastUsedAt),
        CreatedAt = ApiJson.Time(key.CreatedAt),
    };
}

/// <summary>A key with its secret, which is shown this once.</summary>
public sealed record IssuedApiKey : ApiKeyResponse
{
    [JsonPropertyName("apiKey")] public required string ApiKey { get; init; }
    public string Key => ApiKey;

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    private IssuedApiKey(ApiKeyResponse key, string secret)
        : base(key) => ApiKey = secret;

    internal static JsonObject Body(ApiKey key, string secret, long now) =>
        TopLevelCopy.Of(new IssuedApiKey(From(key, key.LastUsedAt, now), secret));
}

using System.Text.Json.Serialization;
using Commune.Server.Api.Description;

namespace Commune.Server.Api.ApiKeys;

/// <param name="Permissions">Scopes; standard is read and write, cut down to what the caller has.</param>
/// <param name="ExpiresIn">Seconds until the key stops working; without it the key lives as long as the caller's.</param>
[Example("""{ "name": "outbound-only", "permissions": ["messages:write", "inboxes:read", "threads:read"] }""")]
internal sealed record NewApiKeyRequest(string Name, IReadOnlyList<string>? Permissions, [property: JsonPropertyName("expiresIn")] long? ExpiresIn);

/// <param name="GracePeriod">Seconds for which the old secret goes on working; standard is 0, 30 days at most.</param>
[Example("""{ "grace_period": 3600 }""")]
internal sealed record RotateRequest(long? GracePeriod);

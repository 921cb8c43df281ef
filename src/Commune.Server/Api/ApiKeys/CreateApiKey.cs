using System.Text.Json;
using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Api.ApiKeys;

/// <summary>Makes a key that can do no more, and lives no longer, than the caller's own credential.</summary>
internal static class CreateApiKey
{
    private const int MostCharacters = 200;
    private const long LongestSeconds = 100L * 365 * 24 * 60 * 60;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, IOptions<CommuneOptions> options, TimeProvider time)
    {
        var caller = Authentication.CallerOf(http);
        var body = await RequestBody.ReadAsync(http);
        var name = body.RequiredText("name").Trim();
        if (name.Length > MostCharacters)
            throw ApiException.Invalid("name", $"name must be 1 to {MostCharacters} characters");
        var permissions = Permissions(body) ?? Scopes.StandardWithin(caller.Permissions);
        var lifetime = Lifetime(body);
        caller.MustCover(permissions);

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var expiresAt = now + lifetime * 1000 ?? caller.ExpiresAt;
        if (expiresAt > caller.ExpiresAt)
            throw ApiException.Forbidden($"The key would outlive the one that makes it, which expires at {ApiJson.Time(caller.ExpiresAt)}", "insufficient_permissions");

        var secret = ApiKeySecret.New();
        var key = new ApiKey(caller.OrgId, EntityId.New("key_"), name, ApiKeySecret.PrefixOf(secret), permissions, "active", expiresAt, null, now);
        var most = options.Value.Limits.ApiKeys;
        return await store.ApiKeys.CreateAsync(
            key, ApiKeySecret.HashOf(secret), http.RequestAborted, most, AuditTrail.Entry(http, "key.create", key.Id)) switch
        {
            KeyCreation.Created => ApiJson.Created(IssuedApiKey.Body(key, secret, now)),
            _ => throw new ApiException(StatusCodes.Status429TooManyRequests,
                new ErrorBody($"This organization has {most} active API keys, the most there may be; revoke one first", "api_key_limit")),
        };
    }

    private static IReadOnlyList<string>? Permissions(RequestBody body)
    {
        switch (body.Member("permissions"))
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return null;
            case { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() <= 100
                && list.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String && Scopes.Grantable.Contains(item.GetString(), StringComparer.Ordinal)):
                return [.. list.EnumerateArray().Select(static item => item.GetString()!).Distinct(StringComparer.Ordinal)];
            default:
                throw ApiException.Invalid("permissions", "permissions must be an array of: " + string.Join(", ", Scopes.Grantable));
        }
    }

    private static long? Lifetime(RequestBody body) => body.Member("expires_in") switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var seconds) && seconds is > 0 and <= LongestSeconds => seconds,
        _ => throw ApiException.Invalid("expiresIn", $"expiresIn must be a whole number of seconds, 1 to {LongestSeconds}"),
    };
}

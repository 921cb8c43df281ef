using System.Text.Json;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.ApiKeys;

/// <summary>Gives a key a new secret. The old one is dead at once, or after <c>grace_period</c> seconds.</summary>
internal static class RotateApiKey
{
    private const long LongestGrace = 30L * 24 * 60 * 60;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time, string keyId)
    {
        var grace = Grace(await RequestBody.ReadAsync(http));
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var key = await ApiKeyEndpoints.FindCoveredAsync(store, http, keyId);
        if (key.ExpiresAt <= now)
            throw ApiException.NotFound("API key");
        var secret = ApiKeySecret.New();
        var rotated = await store.ApiKeys.RotateAsync(
            key.OrgId, key.Id, ApiKeySecret.PrefixOf(secret), ApiKeySecret.HashOf(secret), now + grace * 1000, http.RequestAborted,
            AuditTrail.Entry(http, "key.rotate", key.Id));
        return ApiJson.Ok(IssuedApiKey.Body(rotated ?? throw ApiException.NotFound("API key"), secret, now));
    }

    private static long Grace(RequestBody body) => body.Member("grace_period") switch
    {
        null or { ValueKind: JsonValueKind.Null } => 0,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var seconds) && seconds is >= 0 and <= LongestGrace => seconds,
        _ => throw ApiException.Invalid("grace_period", $"grace_period must be a whole number of seconds, 0 to {LongestGrace}"),
    };
}

using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.ApiKeys;

/// <summary>Revokes a key: it is refused from the next request on.</summary>
internal static class RevokeApiKey
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string keyId)
    {
        var key = await ApiKeyEndpoints.FindCoveredAsync(store, http, keyId);
        if (!await store.ApiKeys.RevokeAsync(key.OrgId, key.Id, http.RequestAborted, AuditTrail.Entry(http, "key.revoke", key.Id)))
            throw ApiException.NotFound("API key");
        return ApiJson.Ok(new Revoked(new Result(true, key.Id), "API key revoked"));
    }

    internal sealed record Revoked(Result Data, string Message);

    internal sealed record Result(bool Ok, string Id);
}

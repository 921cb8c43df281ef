using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.ApiKeys;

/// <summary>API keys (contract section 16.2).</summary>
public static class ApiKeyEndpoints
{
    public static void MapApiKeys(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/agent/api-keys", ListApiKeys.HandleAsync).Needs(Scopes.Any);
        v1.MapPost("/agent/api-keys", CreateApiKey.HandleAsync).Needs(Scopes.Any);
        v1.MapPost("/agent/api-keys/{keyId}/rotate", RotateApiKey.HandleAsync).Needs(Scopes.Any);
        v1.MapDelete("/agent/api-keys/{keyId}", RevokeApiKey.HandleAsync).Needs(Scopes.Any);
    }

    /// <summary>A key of the caller's organisation that was not revoked; 403 when it can do what the caller cannot.</summary>
    internal static async Task<ApiKey> FindCoveredAsync(IStore store, HttpContext http, string keyId)
    {
        var caller = Authentication.CallerOf(http);
        if (await store.ApiKeys.GetAsync(caller.OrgId, keyId, http.RequestAborted) is not { Status: "active" } key)
            throw ApiException.NotFound("API key");
        caller.MustCover(key.Permissions);
        return key;
    }
}

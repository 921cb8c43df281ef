using Commune.Server.Api.Description;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.ApiKeys;

/// <summary>API keys (contract section 16.2).</summary>
public static class ApiKeyEndpoints
{
    public static void MapApiKeys(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/agent/api-keys", ListApiKeys.HandleAsync).Needs(Scopes.Any)
            .Is(Call.Named("keys.list").Gives<ListApiKeys.KeyList>().Paged(1000, 1000));
        v1.MapPost("/agent/api-keys", CreateApiKey.HandleAsync).Needs(Scopes.Any)
            .Is(Call.Named("keys.create").Takes<NewApiKeyRequest>().Gives<Copied<IssuedApiKey>>(StatusCodes.Status201Created)
            .Fails(403, "The key would be able to do what the caller is not, or outlive the caller's").Fails(429, "The organization has as many active keys as it may have"));
        v1.MapPost("/agent/api-keys/{keyId}/rotate", RotateApiKey.HandleAsync).Needs(Scopes.Any)
            .Is(Call.Named("keys.rotate").Takes<RotateRequest>().Gives<Copied<IssuedApiKey>>().Fails(403, "The key can do what the caller cannot"));
        v1.MapDelete("/agent/api-keys/{keyId}", RevokeApiKey.HandleAsync).Needs(Scopes.Any)
            .Is(Call.Named("keys.revoke").Gives<RevokeApiKey.Revoked>().Fails(403, "The key can do what the caller cannot"));
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

using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.ApiKeys;

/// <summary>Lists the organisation's keys, newest first, revoked and expired ones too.</summary>
internal static class ListApiKeys
{
    /// <summary>The official clients do not page keys: one page holds them all as a rule.</summary>
    private const int Most = 1000;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, KeyUses uses, TimeProvider time)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var page = await store.ApiKeys.ListAsync(
            Authentication.CallerOf(http).OrgId, http.Request.Query.Limit(Most, Most), http.Request.Query.Cursor(), http.RequestAborted);
        return ApiJson.Ok(new KeyList(
            [.. page.Items.Select(key => ApiKeyResponse.From(key, uses.LastUse(key), now))], page.Next?.Encode(), page.Next is not null));
    }

    internal sealed record KeyList(IReadOnlyList<ApiKeyResponse> Data, string? NextCursor, bool HasMore)
    {
        [JsonPropertyName("apiKeys")] public IReadOnlyList<ApiKeyResponse> ApiKeys => Data;
    }
}

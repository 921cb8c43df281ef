using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Deletion;

/// <summary>Tells how a deletion stands.</summary>
internal static class GetDeletionRequest
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string requestId)
    {
        var request = await store.Deletions.GetAsync(Authentication.CallerOf(http).OrgId, requestId, http.RequestAborted)
            ?? throw ApiException.NotFound("Deletion request");
        return ApiJson.Ok(TopLevelCopy.Of(DeletionResponse.From(request)));
    }
}

using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Delivery;

/// <summary>Lets mail go to an address again.</summary>
internal static class RemoveSuppression
{
    public static async Task<IResult> ByIdAsync(HttpContext http, IStore store, string suppressionId)
    {
        if (!await store.Suppressions.RemoveAsync(Authentication.CallerOf(http).OrgId, suppressionId, http.RequestAborted))
            throw ApiException.NotFound("Suppression");
        return ApiJson.Ok(new Envelope<RemovedResponse>(new RemovedResponse(1)));
    }

    /// <summary>The entry of the inbox, or without <c>inbox_id</c> every entry of the address.</summary>
    public static async Task<IResult> ByAddressAsync(HttpContext http, IStore store)
    {
        var parameters = http.Request.Query;
        var email = parameters.Text("email") ?? throw ApiException.Invalid("email", "email is required, or the id of the suppression in the path");
        var inboxId = parameters.Text("inbox_id");
        await InboxEndpoints.CheckFilterAsync(store, http, inboxId, null);
        var removed = await store.Suppressions.RemoveAsync(
            Authentication.CallerOf(http).OrgId, DeliveryEndpoints.AddressKey(email), inboxId, http.RequestAborted);
        return removed > 0 ? ApiJson.Ok(new Envelope<RemovedResponse>(new RemovedResponse(removed))) : throw ApiException.NotFound("Suppression");
    }
}

public sealed record RemovedResponse(int Removed)
{
    public bool Ok => true;
}

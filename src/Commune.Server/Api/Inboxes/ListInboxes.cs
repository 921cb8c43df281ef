using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Lists the caller's inboxes, oldest first, of one domain or of all.</summary>
internal static class ListInboxes
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string? domainId = null)
    {
        var query = http.Request.Query;
        domainId ??= query.Text("domain_id");
        var (limit, cursor) = (query.Limit(100, 1000), query.Cursor());
        await InboxEndpoints.CheckFilterAsync(store, http, null, domainId);
        var page = await store.Inboxes.ListAsync(Authentication.CallerOf(http).OrgId, domainId, limit, cursor, http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<InboxResponse>.From(page.Select(InboxResponse.From)));
    }
}

using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>Lists the threads of an inbox or a domain, newest first unless asked otherwise.</summary>
internal static class ListThreads
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store)
    {
        var parameters = http.Request.Query;
        var query = new ThreadQuery(Authentication.CallerOf(http).OrgId, parameters.Text("inbox_id"), parameters.Text("domain_id"),
            parameters.Text("status") is { } status ? TriageInput.Status(status) : null, parameters.Text("tag"), parameters.Text("assigned_to"),
            parameters.Order(SortOrder.Descending), parameters.Limit(20, 100), parameters.Cursor());
        if (query.InboxId is null && query.DomainId is null)
            throw ApiException.Invalid("inbox_id", "inbox_id or domain_id is required");
        await InboxEndpoints.CheckFilterAsync(store, http, query.InboxId, query.DomainId);
        var page = await store.Threads.ListAsync(query, http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<ThreadResponse>.From(page.Select(ThreadResponse.From)));
    }
}

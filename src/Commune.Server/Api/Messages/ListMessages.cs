using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Messages;

/// <summary>Lists messages by inbox, domain or sender, newest first unless asked otherwise.</summary>
internal static class ListMessages
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store)
    {
        var parameters = http.Request.Query;
        var query = new MessageQuery(Authentication.CallerOf(http).OrgId, parameters.Text("inbox_id"), parameters.Text("domain_id"), null,
            parameters.Text("sender")?.ToLowerInvariant(), parameters.Time("before"), parameters.Time("after"),
            parameters.Order(SortOrder.Descending), parameters.Limit(50, 1000), parameters.Cursor());
        if (query.InboxId is null && query.DomainId is null && query.Sender is null)
            throw ApiException.Invalid("inbox_id", "inbox_id, domain_id or sender is required");
        await InboxEndpoints.CheckFilterAsync(store, http, query.InboxId, query.DomainId);
        var page = await store.Messages.ListAsync(query, http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<MessageResponse>.From(page.Select(MessageResponse.FromStored)));
    }
}

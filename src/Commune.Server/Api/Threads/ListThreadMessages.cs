using Commune.Server.Api.Messages;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>Lists the messages of a thread, oldest first unless asked otherwise.</summary>
internal static class ListThreadMessages
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string threadId)
    {
        var parameters = http.Request.Query;
        var query = new MessageQuery(Authentication.CallerOf(http).OrgId, null, null, threadId, null, null, null,
            parameters.Order(SortOrder.Ascending), parameters.Limit(50, 1000), parameters.Cursor());
        await ThreadEndpoints.FindAsync(store, http, threadId);
        var page = await store.Messages.ListAsync(query, http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<MessageResponse>.From(page.Select(MessageResponse.FromStored)));
    }
}

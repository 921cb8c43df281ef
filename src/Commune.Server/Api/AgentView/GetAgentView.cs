using Commune.Server.Api.Threads;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.AgentView;

/// <summary>Gives messages ready for a model: cleaned, taken apart, labelled and fenced.</summary>
internal static class GetAgentView
{
    private const int StandardLimit = 20;
    private const int HighestLimit = 50;

    public static async Task<IResult> OfMessageAsync(HttpContext http, IStore store, string messageId)
    {
        var message = await store.Messages.GetAsync(Authentication.CallerOf(http).OrgId, messageId, http.RequestAborted)
            ?? throw ApiException.NotFound("Message");
        var views = await new ReadAgentView(store).OfAsync([message], http.RequestAborted);
        return ApiJson.Ok(new Envelope<AgentViewResponse>(views[0]));
    }

    /// <summary>The messages of a thread, oldest first unless asked otherwise; one fence for the page.</summary>
    public static async Task<IResult> OfThreadAsync(HttpContext http, IStore store, string threadId)
    {
        var parameters = http.Request.Query;
        var query = new MessageQuery(Authentication.CallerOf(http).OrgId, null, null, threadId, null, null, null,
            parameters.Order(SortOrder.Ascending), parameters.Limit(StandardLimit, HighestLimit), parameters.Cursor());
        await ThreadEndpoints.FindAsync(store, http, threadId);
        var page = await store.Messages.ListAsync(query, http.RequestAborted);
        var views = await new ReadAgentView(store).OfAsync(page.Items, http.RequestAborted);
        return ApiJson.Ok(new ListEnvelope<AgentViewResponse>(views, page.Next?.Encode(), page.Next is not null));
    }
}

using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Lists the endpoints of the organisation, oldest first. Those of inboxes stand in the inboxes.</summary>
internal static class ListWebhooks
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store)
    {
        var parameters = http.Request.Query;
        var page = await store.WebhookEndpoints.ListAsync(
            Authentication.CallerOf(http).OrgId, parameters.Limit(50, 100), parameters.Cursor(), http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<EndpointResponse>.From(page.Select(EndpointResponse.From)));
    }
}

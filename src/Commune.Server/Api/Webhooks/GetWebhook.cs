using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Gives one endpoint of the organisation.</summary>
internal static class GetWebhook
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string webhookId) =>
        ApiJson.Ok(new Envelope<EndpointResponse>(EndpointResponse.From(await WebhookEndpoints.FindAsync(store, http, webhookId))));
}

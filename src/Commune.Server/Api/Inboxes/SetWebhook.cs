using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Sets the webhook of an inbox; a secret is made when none is given, and kept when the endpoint changes.</summary>
internal static class SetWebhook
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, EndpointGuard guard, string inboxId, string? domainId = null)
    {
        var body = await RequestBody.ReadAsync(http);
        InboxSettings.WebhookObject(body.Whole, null, "");
        var inbox = await InboxEndpoints.FindAsync(store, http, inboxId, domainId);
        var webhook = InboxSettings.WebhookObject(body.Whole, inbox.Webhook, "");
        return await InboxEndpoints.SaveAsync(store, http, inbox with { Webhook = await guard.AdmitAsync(webhook, inbox.Webhook, http.RequestAborted) });
    }
}

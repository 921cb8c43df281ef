using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Removes an endpoint of the organisation; what still waits for it is dead when its time comes.</summary>
internal static class DeleteWebhook
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string webhookId)
    {
        if (!await store.WebhookEndpoints.DeleteAsync(
            Authentication.CallerOf(http).OrgId, webhookId, http.RequestAborted, AuditTrail.Entry(http, "webhook.delete", webhookId)))
            throw ApiException.NotFound("Webhook");
        return ApiJson.Ok(new Envelope<DeletedWebhook>(new DeletedWebhook(Ok: true)));
    }

    internal sealed record DeletedWebhook(bool Ok);
}

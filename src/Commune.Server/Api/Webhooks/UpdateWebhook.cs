using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Changes the members that are sent and leaves the others. A secret that is replaced stays valid for a time.</summary>
internal static class UpdateWebhook
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, EndpointGuard guard, TimeProvider time, string webhookId)
    {
        var input = WebhookInput.Read(await RequestBody.ReadAsync(http), isNew: false);
        var present = await WebhookEndpoints.FindAsync(store, http, webhookId);
        var next = input.Over(present, time.GetUtcNow().ToUnixTimeMilliseconds());
        await CheckInboxesAsync(store, http, next.InboxIds.Except(present.InboxIds, StringComparer.Ordinal));
        return ApiJson.Ok(new Envelope<EndpointResponse>(EndpointResponse.From(
            await SaveAsync(http, store, guard, next, present, "webhook.update"))));
    }

    /// <summary>Writes the endpoint as it is now to be, with the secret before this one while that is still valid.</summary>
    internal static async Task<WebhookEndpoint> SaveAsync(
        HttpContext http, IStore store, EndpointGuard guard, WebhookEndpoint next, WebhookEndpoint present, string action)
    {
        var admitted = (await guard.AdmitAsync(next.Setting, present.Setting, http.RequestAborted))!;
        next = next with { FormerSecret = admitted.FormerSecret, FormerSecretUntil = admitted.FormerSecretUntil };
        return await store.WebhookEndpoints.UpdateAsync(next, http.RequestAborted, AuditTrail.Entry(http, action, next.Id))
            ? next : throw ApiException.NotFound("Webhook");
    }

    internal static async Task CheckInboxesAsync(IStore store, HttpContext http, IEnumerable<string> inboxIds)
    {
        foreach (var inboxId in inboxIds)
            await InboxEndpoints.FindAsync(store, http, inboxId, null);
    }
}

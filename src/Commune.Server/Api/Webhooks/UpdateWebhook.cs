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
        Authentication.Require(http, Scopes.MessagesRead);
        if (input.Endpoint is { } endpoint)
            await guard.CheckAsync(endpoint, "endpoint", http.RequestAborted);
        await CheckInboxesAsync(store, http, (input.InboxIds ?? []).Except(present.InboxIds, StringComparer.Ordinal));
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return ApiJson.Ok(new Envelope<EndpointResponse>(EndpointResponse.From(
            await SaveAsync(http, store, guard, webhookId, found => input.Over(found, now), "webhook.update"))));
    }

    /// <summary>Writes the endpoint as it is now to be, with the secret before this one while that is still valid.</summary>
    internal static async Task<WebhookEndpoint> SaveAsync(
        HttpContext http, IStore store, EndpointGuard guard, string webhookId, Func<WebhookEndpoint, WebhookEndpoint> change, string action) =>
        await store.WebhookEndpoints.ChangeAsync(
            Authentication.CallerOf(http).OrgId, webhookId,
            present =>
            {
                var next = change(present);
                var signed = guard.WithFormerSecret(next.Setting, present.Setting);
                return next with { FormerSecret = signed.FormerSecret, FormerSecretUntil = signed.FormerSecretUntil };
            },
            http.RequestAborted, AuditTrail.Entry(http, action, webhookId)) ?? throw ApiException.NotFound("Webhook");

    internal static async Task CheckInboxesAsync(IStore store, HttpContext http, IEnumerable<string> inboxIds)
    {
        foreach (var inboxId in inboxIds)
            await InboxEndpoints.FindAsync(store, http, inboxId, null);
    }
}

using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Endpoints of the organisation, and what became of calls to webhook endpoints (contract section 14).</summary>
public static class WebhookEndpoints
{
    public static void MapWebhooks(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/webhooks", CreateWebhook.HandleAsync).Needs(Scopes.InboxesWrite);
        v1.MapGet("/webhooks", ListWebhooks.HandleAsync).Needs(Scopes.InboxesRead);
        v1.MapGet("/webhooks/{webhookId}", GetWebhook.HandleAsync).Needs(Scopes.InboxesRead);
        v1.MapMethods("/webhooks/{webhookId}", ["PUT", "PATCH"], UpdateWebhook.HandleAsync).Needs(Scopes.InboxesWrite);
        v1.MapDelete("/webhooks/{webhookId}", DeleteWebhook.HandleAsync).Needs(Scopes.InboxesWrite);
        v1.MapPost("/webhooks/{webhookId}/rotate-secret", RotateWebhookSecret.HandleAsync).Needs(Scopes.InboxesWrite);
        v1.MapGet("/webhooks/deliveries", ListDeliveries.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapGet("/webhooks/deliveries/{deliveryId}", GetDelivery.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapPost("/webhooks/deliveries/{deliveryId}/retry", RetryDelivery.HandleAsync).Needs(Scopes.MessagesWrite);
        v1.MapPost("/webhooks/deliveries/replay", ReplayDeliveries.HandleAsync).Needs(Scopes.MessagesWrite);
        v1.MapGet("/webhooks/health", GetWebhookHealth.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapPost("/webhooks/test", TestWebhook.HandleAsync).Needs(Scopes.MessagesWrite);
    }

    /// <summary>The caller's endpoint; 404 when it is unknown.</summary>
    internal static async Task<WebhookEndpoint> FindAsync(IStore store, HttpContext http, string webhookId) =>
        await store.WebhookEndpoints.GetAsync(Authentication.CallerOf(http).OrgId, webhookId, http.RequestAborted) ?? throw ApiException.NotFound("Webhook");

    /// <summary>A status as it is stored; <c>retrying</c> and <c>success</c> are the words of other clients.</summary>
    internal static string Status(string text) => text switch
    {
        "pending" or "failed" or "delivered" or "dead" => text,
        "retrying" => "failed",
        "success" => "delivered",
        _ => throw ApiException.Invalid("status", "status must be pending, failed, delivered or dead"),
    };
}

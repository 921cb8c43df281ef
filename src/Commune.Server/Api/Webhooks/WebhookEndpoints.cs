using Commune.Server.Hosting;

namespace Commune.Server.Api.Webhooks;

/// <summary>What became of calls to webhook endpoints (contract section 14).</summary>
public static class WebhookEndpoints
{
    public static void MapWebhooks(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/webhooks/deliveries", ListDeliveries.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapGet("/webhooks/deliveries/{deliveryId}", GetDelivery.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapPost("/webhooks/deliveries/{deliveryId}/retry", RetryDelivery.HandleAsync).Needs(Scopes.MessagesWrite);
        v1.MapPost("/webhooks/deliveries/replay", ReplayDeliveries.HandleAsync).Needs(Scopes.MessagesWrite);
        v1.MapGet("/webhooks/health", GetWebhookHealth.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapPost("/webhooks/test", TestWebhook.HandleAsync).Needs(Scopes.MessagesWrite);
    }

    /// <summary>A status as it is stored; <c>retrying</c> and <c>success</c> are the words of other clients.</summary>
    internal static string Status(string text) => text switch
    {
        "pending" or "failed" or "delivered" or "dead" => text,
        "retrying" => "failed",
        "success" => "delivered",
        _ => throw ApiException.Invalid("status", "status must be pending, failed, delivered or dead"),
    };
}

using Commune.Server.Api.Description;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Endpoints of the organisation, and what became of calls to webhook endpoints (contract section 14).</summary>
public static class WebhookEndpoints
{
    public static void MapWebhooks(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/webhooks", CreateWebhook.HandleAsync).Needs(Scopes.InboxesWrite)
            .Is(Call.Named("webhooks.create").Takes<NewWebhookRequest>().Gives<Envelope<IssuedEndpoint>>(StatusCodes.Status201Created)
            .Fails(403, "The organisation has as many webhooks as there may be").Fails(404, "An inbox is unknown"));
        v1.MapGet("/webhooks", ListWebhooks.HandleAsync).Needs(Scopes.InboxesRead)
            .Is(Call.Named("webhooks.list").Gives<ListEnvelope<EndpointResponse>>().Paged(50, 100));
        v1.MapGet("/webhooks/{webhookId}", GetWebhook.HandleAsync).Needs(Scopes.InboxesRead)
            .Is(Call.Named("webhooks.get").Gives<Envelope<EndpointResponse>>());
        v1.MapMethods("/webhooks/{webhookId}", ["PUT", "PATCH"], UpdateWebhook.HandleAsync).Needs(Scopes.InboxesWrite)
            .Is(Call.Named("webhooks.update").Takes<WebhookChangeRequest>().Gives<Envelope<EndpointResponse>>());
        v1.MapDelete("/webhooks/{webhookId}", DeleteWebhook.HandleAsync).Needs(Scopes.InboxesWrite)
            .Is(Call.Named("webhooks.delete").Gives<Envelope<DeleteWebhook.DeletedWebhook>>());
        v1.MapPost("/webhooks/{webhookId}/rotate-secret", RotateWebhookSecret.HandleAsync).Needs(Scopes.InboxesWrite)
            .Is(Call.Named("webhooks.rotateSecret").Takes<SecretRequest>().Gives<Envelope<IssuedEndpoint>>());
        v1.MapGet("/webhooks/deliveries", ListDeliveries.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("webhooks.deliveries").Gives<ListDeliveries.DeliveryList>().Asks(
            QueryField.Inbox, new QueryField("webhook_id", "To this webhook of the organisation."), new QueryField("status", "With this status.") { Words = ["pending", "failed", "delivered", "dead", "retrying", "success"] },
            new QueryField("endpoint", "To this URL."), new QueryField("offset", "How many to pass over first.") { Kind = "integer", Least = 0, Most = 1_000_000, Standard = 0 }).Paged(50, 100));
        v1.MapGet("/webhooks/deliveries/{deliveryId}", GetDelivery.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("webhooks.delivery").Gives<GetDelivery.DetailEnvelope>());
        v1.MapPost("/webhooks/deliveries/{deliveryId}/retry", RetryDelivery.HandleAsync).Needs(Scopes.MessagesWrite)
            .Is(Call.Named("webhooks.retry").Gives<RetryDelivery.Retried>());
        v1.MapPost("/webhooks/deliveries/replay", ReplayDeliveries.HandleAsync).Needs(Scopes.MessagesWrite)
            .Is(Call.Named("webhooks.replay").Takes<ReplayRequest>().Gives<ReplayDeliveries.Replayed>().Fails(404, "The inbox or the webhook is unknown"));
        v1.MapGet("/webhooks/health", GetWebhookHealth.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("webhooks.health").Gives<GetWebhookHealth.HealthAnswer>());
        v1.MapPost("/webhooks/test", TestWebhook.HandleAsync).Needs(Scopes.MessagesWrite)
            .Is(Call.Named("webhooks.test").Takes<WebhookTestRequest>().Gives<Envelope<TestWebhook.TestResult>>().Fails(404, "The inbox or the webhook is unknown"));
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

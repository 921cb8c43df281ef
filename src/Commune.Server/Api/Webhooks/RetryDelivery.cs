using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Attempts a webhook delivery again at once, also while its endpoint is paused; a dead one gets a fresh set of attempts.</summary>
internal static class RetryDelivery
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, WebhookSchedule schedule, TimeProvider time, string deliveryId)
    {
        var orgId = Authentication.CallerOf(http).OrgId;
        switch (await store.Webhooks.RetryAsync(orgId, deliveryId, time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted))
        {
            case WebhookRetry.NotFound:
                throw ApiException.NotFound("Webhook delivery");
            case WebhookRetry.AlreadyDelivered:
                throw ApiException.BadRequest(
                    "This delivery has been delivered already; POST /v1/webhooks/deliveries/replay sends such again as new ones", "already_delivered");
        }
        var delivery = await store.Webhooks.GetAsync(orgId, deliveryId, http.RequestAborted) ?? throw ApiException.NotFound("Webhook delivery");
        return ApiJson.Ok(new Retried(DeliveryResponse.From(delivery, schedule), Ok: true, "The delivery is attempted again now"));
    }

    internal sealed record Retried(DeliveryResponse Data, bool Ok, string Message);
}

using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Gives one webhook delivery with the history of its attempts.</summary>
internal static class GetDelivery
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, WebhookSchedule schedule, string deliveryId)
    {
        var orgId = Authentication.CallerOf(http).OrgId;
        var delivery = await store.Webhooks.GetAsync(orgId, deliveryId, http.RequestAborted) ?? throw ApiException.NotFound("Webhook delivery");
        var detail = new DeliveryDetail(delivery, await store.Webhooks.GetAttemptsAsync(orgId, deliveryId, http.RequestAborted), schedule);
        return ApiJson.Ok(new DetailEnvelope(detail, detail));
    }

    internal sealed record DetailEnvelope(DeliveryDetail Data, DeliveryDetail Delivery);
}

using System.Globalization;
using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Lists webhook deliveries, newest first, by inbox, webhook, status or endpoint.</summary>
internal static class ListDeliveries
{
    private const int MostOffset = 1_000_000;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, WebhookSchedule schedule)
    {
        var parameters = http.Request.Query;
        var status = parameters.Text("status") is { } text ? WebhookEndpoints.Status(text) : null;
        var offset = long.TryParse(parameters.Text("offset"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given)
            ? (int)Math.Clamp(given, 0, MostOffset) : 0;
        var query = new WebhookQuery(Authentication.CallerOf(http).OrgId, parameters.Text("inbox_id"), status, parameters.Text("endpoint"),
            parameters.Limit(50, 100), offset, parameters.Cursor(), parameters.Text("webhook_id"));
        var (page, total) = await store.Webhooks.ListAsync(query, http.RequestAborted);
        return ApiJson.Ok(DeliveryList.From(page.Select(delivery => DeliveryResponse.From(delivery, schedule)), total));
    }

    internal sealed record DeliveryList(
        IReadOnlyList<DeliveryResponse> Data, IReadOnlyList<DeliveryResponse> Deliveries, long Total, string? NextCursor, bool HasMore)
    {
        public static DeliveryList From(Page<DeliveryResponse> page, long total) =>
            new(page.Items, page.Items, total, page.Next?.Encode(), page.Next is not null);
    }
}

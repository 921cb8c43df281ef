using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Tells how the webhook endpoints did in the last 24 hours, and counts all deliveries that are kept.</summary>
internal static class GetWebhookHealth
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var (endpoints, totals) = await store.Webhooks.GetHealthAsync(
            Authentication.CallerOf(http).OrgId, (now - Window).ToUnixTimeMilliseconds(), http.RequestAborted);
        var shown = endpoints.Select(e => EndpointHealth.From(e, now.ToUnixTimeMilliseconds())).ToArray();
        var delivered = endpoints.Sum(static e => e.Delivered);
        var data = new HealthData(
            shown, totals, Rate(delivered, endpoints.Sum(static e => e.Failed + e.Dead)), endpoints.Sum(static e => e.Total),
            endpoints.Sum(static e => e.Failed),
            delivered == 0 ? null : endpoints.Sum(static e => (e.AverageLatencyMs ?? 0) * e.Delivered) / delivered);
        return ApiJson.Ok(new HealthAnswer(data, shown, totals, data.SuccessRate));
    }

    /// <summary>A fraction from 0 to 1 of what has an outcome so far; null when nothing has.</summary>
    private static double? Rate(long delivered, long undelivered) =>
        delivered + undelivered == 0 ? null : (double)delivered / (delivered + undelivered);

    internal sealed record HealthAnswer(HealthData Data, IReadOnlyList<EndpointHealth> Endpoints, WebhookTotals Totals, double? SuccessRate);

    internal sealed record HealthData(
        IReadOnlyList<EndpointHealth> Endpoints, WebhookTotals Totals, double? SuccessRate, long Total, long Failed, double? AvgLatencyMs);

    /// <param name="PausedUntil">Until when the endpoint is left alone after failing many times in a row; null while it is called.</param>
    internal sealed record EndpointHealth(
        string Endpoint, long Total, long Delivered, long Failed, long Dead, double? SuccessRate, double? AvgLatencyMs, string? LastSuccess,
        string? LastFailure, string? PausedUntil)
    {
        public static EndpointHealth From(WebhookEndpointHealth health, long now) => new(
            health.Endpoint, health.Total, health.Delivered, health.Failed, health.Dead, Rate(health.Delivered, health.Failed + health.Dead),
            health.AverageLatencyMs, ApiJson.Time(health.LastSuccess), ApiJson.Time(health.LastFailure),
            health.OpenUntil > now ? ApiJson.Time(health.OpenUntil) : null);
    }
}

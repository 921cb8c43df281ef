using Commune.Storage;

namespace Commune.Server.Hosting;

/// <summary>
/// The rate-limit headers of contract section 4, on every response to an identified caller. They are read when the response starts,
/// so that a send's own response counts it.
/// </summary>
internal sealed class SendLimitHeaders(IStore store, SendTiers tiers, TimeProvider time)
{
    public void AddTo(HttpContext http, Organisation organisation) => http.Response.OnStarting(async () =>
    {
        var now = time.GetUtcNow();
        var limits = tiers.LimitsOf(organisation);
        var usage = limits is null
            ? new SendUsage(0, 0, 0, 0)
            : await store.Outbound.GetUsageAsync(organisation.Id, now.ToUnixTimeMilliseconds(), http.RequestAborted);
        limits ??= new SendLimits(SendTiers.Unlimited, SendTiers.Unlimited);
        var hourReset = Reset(usage.HourFreesAt, now, TimeSpan.FromHours(1));
        Set(http, "", limits.PerHour, usage.LastHour, hourReset);
        Set(http, "-Hour", limits.PerHour, usage.LastHour, hourReset);
        Set(http, "-Day", limits.PerDay, usage.LastDay, Reset(usage.DayFreesAt, now, TimeSpan.FromDays(1)));
    });

    private static long Reset(long freesAt, DateTimeOffset now, TimeSpan window) =>
        freesAt > 0 ? (freesAt + 999) / 1000 : (now + window).ToUnixTimeSeconds();

    private static void Set(HttpContext http, string suffix, int limit, int used, long reset)
    {
        var headers = http.Response.Headers;
        headers["X-RateLimit-Limit" + suffix] = limit.ToString();
        headers["X-RateLimit-Remaining" + suffix] = Math.Max(0, limit - used).ToString();
        headers["X-RateLimit-Reset" + suffix] = reset.ToString();
    }
}

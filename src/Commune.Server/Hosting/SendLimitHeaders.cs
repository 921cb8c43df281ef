using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Hosting;

/// <summary>
/// The rate-limit headers of contract section 4, on every response to an identified caller. They are read when the response starts,
/// so that a send's own response counts it.
/// </summary>
internal sealed class SendLimitHeaders(IStore store, IOptions<CommuneOptions> options, TimeProvider time)
{
    /// <summary>What an unlimited tier reports: clients parse a plain integer.</summary>
    private const int Unlimited = int.MaxValue;

    /// <summary>The limits of the organisation's tier; null means unlimited.</summary>
    public SendLimits? LimitsOf(Organisation organisation)
    {
        var limits = options.Value.Limits;
        return organisation.Tier switch
        {
            "pro" => new SendLimits(limits.ProPerHour, limits.ProPerDay),
            "enterprise" when limits.EnterprisePerHour is null && limits.EnterprisePerDay is null => null,
            "enterprise" => new SendLimits(limits.EnterprisePerHour ?? Unlimited, limits.EnterprisePerDay ?? Unlimited),
            _ => new SendLimits(limits.FreePerHour, limits.FreePerDay),
        };
    }

    public void AddTo(HttpContext http, Organisation organisation) => http.Response.OnStarting(async () =>
    {
        var now = time.GetUtcNow();
        var limits = LimitsOf(organisation);
        var usage = limits is null
            ? new SendUsage(0, 0, 0, 0)
            : await store.Outbound.GetUsageAsync(organisation.Id, now.ToUnixTimeMilliseconds(), http.RequestAborted);
        limits ??= new SendLimits(Unlimited, Unlimited);
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

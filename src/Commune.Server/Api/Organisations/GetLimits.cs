using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Api.Organisations;

/// <summary>Tells the tier, what it allows, and how much of it is used.</summary>
internal static class GetLimits
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, SendTiers tiers, IOptions<CommuneOptions> options, TimeProvider time)
    {
        var organisation = Authentication.CallerOf(http).Organisation;
        var usage = await store.Outbound.GetUsageAsync(organisation.Id, time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted);
        var limits = tiers.LimitsOf(organisation);
        return ApiJson.Ok(new Envelope<LimitsResponse>(new LimitsResponse(
            organisation.Tier,
            new Allowed(limits?.PerHour, limits?.PerDay, options.Value.Limits.ApiKeys),
            new Used(usage.LastHour, usage.LastDay),
            limits is null ? null : new Used(Math.Max(0, limits.PerHour - usage.LastHour), Math.Max(0, limits.PerDay - usage.LastDay)))));
    }

    internal sealed record LimitsResponse(string Tier, Allowed Limits, Used Usage, Used? Remaining);

    /// <summary>Null means unlimited.</summary>
    internal sealed record Allowed(int? EmailsPerHour, int? EmailsPerDay, int ApiKeys);

    internal sealed record Used(int EmailsPerHour, int EmailsPerDay);
}

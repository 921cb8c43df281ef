using System.Globalization;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Dmarc;

/// <summary>Adds up the reports about a domain over the last days; counts are messages.</summary>
internal static class SummariseReports
{
    private const int StandardDays = 30;
    private const int MostDays = 365;
    private const int TopSources = 10;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time)
    {
        var domain = DmarcEndpoints.DomainOf(http);
        var days = long.TryParse(http.Request.Query.Text("days"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given)
            ? (int)Math.Clamp(given, 1, MostDays) : StandardDays;
        var end = time.GetUtcNow();
        var begin = end.AddDays(-days);
        var found = await store.Dmarc.SummariseAsync(Authentication.CallerOf(http).OrgId, domain, begin.ToUnixTimeMilliseconds(),
            end.ToUnixTimeMilliseconds(), TopSources, http.RequestAborted);
        return ApiJson.Ok(new Envelope<SummaryResponse>(new SummaryResponse(domain, days,
            new SummaryPeriod(ApiJson.Time(begin.ToUnixTimeMilliseconds()), ApiJson.Time(end.ToUnixTimeMilliseconds())),
            found.Reports, found.Messages, found.Passed, found.Messages - found.Passed,
            found.Messages == 0 ? 0 : Math.Round((double)found.Passed / found.Messages, 4),
            found.DkimPassed, found.SpfPassed, [.. found.TopSources.Select(static s => new SourceResponse(s.Ip, s.Count, s.Passed))], found.Overrides)));
    }
}

public sealed record SummaryResponse(
    string Domain, int Days, SummaryPeriod Period, int ReportCount, long TotalMessages, long PassCount, long FailCount, double PassRate,
    long DkimPass, long SpfPass, IReadOnlyList<SourceResponse> TopSources, long PolicyOverrides);

public sealed record SummaryPeriod(string Begin, string End);

/// <param name="Pass">Messages of this source that passed.</param>
public sealed record SourceResponse(string Ip, long Count, long Pass);

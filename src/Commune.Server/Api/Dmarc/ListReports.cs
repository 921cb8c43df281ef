using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Dmarc;

/// <summary>Lists the reports about a domain, the newest received first.</summary>
internal static class ListReports
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store)
    {
        var domain = DmarcEndpoints.DomainOf(http);
        var page = await store.Dmarc.ListAsync(Authentication.CallerOf(http).OrgId, domain, http.Request.Query.Limit(50, 200),
            http.Request.Query.Cursor(), http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<ReportResponse>.From(page.Select(ReportResponse.From)));
    }
}

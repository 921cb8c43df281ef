using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Gives the DNS records to set at the registrar.</summary>
internal static class GetDomainRecords
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, ShowDomain show, string domainId)
    {
        var domain = await DomainEndpoints.FindAsync(store, http, domainId);
        return ApiJson.Ok(new ListEnvelope<DnsRecordResponse>(await show.RecordsAsync(http, domain), null, false));
    }
}

using Commune.Server.Domains;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Checks the domain's records in live DNS; the first organisation to verify a name owns it.</summary>
internal static class VerifyDomain
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, RecordDomainCheck check, ShowDomain show, string domainId)
    {
        var domain = await DomainEndpoints.FindAsync(store, http, domainId);
        var (result, found) = await check.ByHandAsync(domain, AuditTrail.Entry(http, "domain.verify", domain.Id), http.RequestAborted);
        if (result == DomainCheckResult.Taken)
            throw ApiException.Conflict($"{domain.Name} is verified by another organisation", "domain_taken");
        return ApiJson.Ok(new DomainVerified(await show.OfAsync(http, await DomainEndpoints.FindAsync(store, http, domainId), found)));
    }
}

using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Checks the domain's records in live DNS; the first organisation to verify a name owns it.</summary>
internal static class VerifyDomain
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, DomainRecords records, TimeProvider time, string domainId)
    {
        var domain = await DomainEndpoints.FindAsync(store, http, domainId);
        if (domain.Shared)
            return ApiJson.Ok(new DomainVerified(await DomainEndpoints.ShowAsync(store, http, domain, [])));
        var (status, found) = await records.CheckAsync(domain, http.RequestAborted);
        if (!await store.Domains.SetStatusAsync(domain.OrgId, domain.Id, status, time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted))
            throw ApiException.Conflict($"{domain.Name} is verified by another organisation", "domain_taken");
        return ApiJson.Ok(new DomainVerified(await DomainEndpoints.ShowAsync(store, http, await DomainEndpoints.FindAsync(store, http, domainId), found)));
    }
}

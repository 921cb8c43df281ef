using Commune.Server.Hosting;
using Commune.Server.Outbound;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Checks the domain's records in live DNS; the first organisation to verify a name owns it.</summary>
internal static class VerifyDomain
{
    public static async Task<IResult> HandleAsync(
        HttpContext http, IStore store, DomainRecords records, DkimKeyRing keys, TimeProvider time, string domainId)
    {
        var domain = await DomainEndpoints.FindAsync(store, http, domainId);
        var (status, found) = await records.CheckAsync(domain, http.RequestAborted);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!domain.Shared && !await store.Domains.SetStatusAsync(domain.OrgId, domain.Id, status, now, http.RequestAborted))
            throw ApiException.Conflict($"{domain.Name} is verified by another organisation", "domain_taken");
        foreach (var record in found)
        {
            // The second signature begins when its key can be found, and ends when it no longer can.
            if (DomainRecords.Ed25519SelectorIn(record) is not { } selector)
                continue;
            await store.Domains.SetDkimKeyVerifiedAsync(domain.OrgId, domain.Id, selector, record.Status == "verified" ? now : null, http.RequestAborted);
            keys.Forget(domain.Id);
        }
        return ApiJson.Ok(new DomainVerified(await DomainEndpoints.ShowAsync(store, http, await DomainEndpoints.FindAsync(store, http, domainId), found)));
    }
}

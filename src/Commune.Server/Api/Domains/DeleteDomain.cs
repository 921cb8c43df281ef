using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Removes a domain with its keys; its inboxes are deleted first, one by one, so that none goes by mistake.</summary>
internal static class DeleteDomain
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string domainId)
    {
        var domain = await DomainEndpoints.FindOwnAsync(store, http, domainId);
        if (await store.Domains.DeleteAsync(domain.OrgId, domain.Id, http.RequestAborted, AuditTrail.Entry(http, "domain.delete", domain.Id)))
            return ApiJson.Ok(new Envelope<Done>(new Done()));
        // Gone meanwhile, or it has inboxes.
        await DomainEndpoints.FindAsync(store, http, domainId);
        throw ApiException.Conflict($"{domain.Name} has inboxes; delete them first (GET /v1/domains/{domain.Id}/inboxes lists them)", "domain_in_use");
    }

    internal sealed record Done(bool Ok = true);
}

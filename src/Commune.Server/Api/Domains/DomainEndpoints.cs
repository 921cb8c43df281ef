using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Domains (contract section 7).</summary>
public static class DomainEndpoints
{
    private const int MostInboxesShown = 100;

    public static void MapDomains(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/domains", ListDomains.HandleAsync).Needs(Scopes.DomainsRead);
        v1.MapPost("/domains", CreateDomain.HandleAsync).Needs(Scopes.DomainsWrite);
        v1.MapGet("/domains/{domainId}", GetDomain.HandleAsync).Needs(Scopes.DomainsRead);
        v1.MapPatch("/domains/{domainId}", PatchDomain.HandleAsync).Needs(Scopes.DomainsWrite);
        v1.MapGet("/domains/{domainId}/status", GetDomain.HandleAsync).Needs(Scopes.DomainsRead);
        v1.MapGet("/domains/{domainId}/records", GetDomainRecords.HandleAsync).Needs(Scopes.DomainsRead);
        v1.MapPost("/domains/{domainId}/verify", VerifyDomain.HandleAsync).Needs(Scopes.DomainsWrite);
    }

    internal static async Task<Domain> FindAsync(IStore store, HttpContext http, string domainId) =>
        await store.Domains.GetAsync(Authentication.CallerOf(http).OrgId, domainId, http.RequestAborted) ?? throw ApiException.NotFound("Domain");

    /// <summary>The domain with the caller's own inboxes at it.</summary>
    internal static async Task<DomainResponse> ShowAsync(IStore store, HttpContext http, Domain domain, IReadOnlyList<DnsRecordResponse> records)
    {
        var inboxes = await store.Inboxes.ListAsync(Authentication.CallerOf(http).OrgId, domain.Id, MostInboxesShown, null, http.RequestAborted);
        return DomainResponse.From(domain, records, inboxes.Items);
    }
}

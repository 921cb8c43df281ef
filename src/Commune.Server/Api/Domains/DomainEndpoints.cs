using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Domains (contract section 7).</summary>
public static class DomainEndpoints
{
    public static void MapDomains(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/domains", ListDomains.HandleAsync).Needs(Scopes.DomainsRead);
        v1.MapPost("/domains", CreateDomain.HandleAsync).Needs(Scopes.DomainsWrite);
        v1.MapGet("/domains/{domainId}", GetDomain.HandleAsync).Needs(Scopes.DomainsRead);
        v1.MapDelete("/domains/{domainId}", DeleteDomain.HandleAsync).Needs(Scopes.DomainsWrite);
        v1.MapPatch("/domains/{domainId}", PatchDomain.HandleAsync).Needs(Scopes.DomainsWrite);
        v1.MapGet("/domains/{domainId}/status", GetDomain.HandleAsync).Needs(Scopes.DomainsRead);
        v1.MapGet("/domains/{domainId}/records", GetDomainRecords.HandleAsync).Needs(Scopes.DomainsRead);
        v1.MapGet("/domains/{domainId}/zone", GetZoneFile.HandleAsync).Needs(Scopes.DomainsRead);
        v1.MapPost("/domains/{domainId}/dkim/rotate", RotateDkim.HandleAsync).Needs(Scopes.DomainsWrite);
        v1.MapPost("/domains/{domainId}/verify", VerifyDomain.HandleAsync).Needs(Scopes.DomainsWrite);
    }

    internal static async Task<Domain> FindAsync(IStore store, HttpContext http, string domainId) =>
        await store.Domains.GetAsync(Authentication.CallerOf(http).OrgId, domainId, http.RequestAborted) ?? throw ApiException.NotFound("Domain");

    /// <summary>A domain that is the caller's to change.</summary>
    internal static async Task<Domain> FindOwnAsync(IStore store, HttpContext http, string domainId)
    {
        var domain = await FindAsync(store, http, domainId);
        return !domain.Shared ? domain : throw ApiException.Forbidden(
            $"{domain.Name} is this server's shared domain; only its operator can change it", "shared_domain");
    }
}

using Commune.Server.Api.Description;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Domains (contract section 7).</summary>
public static class DomainEndpoints
{
    public static void MapDomains(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/domains", ListDomains.HandleAsync).Needs(Scopes.DomainsRead)
            .Is(Call.Named("domains.list").Gives<ListEnvelope<DomainResponse>>().Paged(100, 1000));
        v1.MapPost("/domains", CreateDomain.HandleAsync).Needs(Scopes.DomainsWrite)
            .Is(Call.Named("domains.create").Takes<NewDomainRequest>().Gives<Envelope<DomainResponse>>(StatusCodes.Status201Created)
            .Fails(409, "Registered already, verified by somebody else, or the shared domain"));
        v1.MapGet("/domains/{domainId}", GetDomain.HandleAsync).Needs(Scopes.DomainsRead)
            .Is(Call.Named("domains.get").Gives<Envelope<DomainResponse>>());
        v1.MapDelete("/domains/{domainId}", DeleteDomain.HandleAsync).Needs(Scopes.DomainsWrite)
            .Is(Call.Named("domains.delete").Gives<Envelope<DeleteDomain.Done>>().Fails(409, "The domain has inboxes"));
        v1.MapPatch("/domains/{domainId}", PatchDomain.HandleAsync).Needs(Scopes.DomainsWrite)
            .Is(Call.Named("domains.update").Takes<DomainChangeRequest>().Gives<Envelope<DomainResponse>>().Fails(409, "The shared domain is set up by the operator"));
        v1.MapGet("/domains/{domainId}/status", GetDomain.HandleAsync).Needs(Scopes.DomainsRead)
            .Is(Call.Named("domains.status").Gives<Envelope<DomainResponse>>().TwinOf("domains.get"));
        v1.MapGet("/domains/{domainId}/records", GetDomainRecords.HandleAsync).Needs(Scopes.DomainsRead)
            .Is(Call.Named("domains.records").Gives<ListEnvelope<DnsRecordResponse>>());
        v1.MapGet("/domains/{domainId}/zone", GetZoneFile.HandleAsync).Needs(Scopes.DomainsRead)
            .Is(Call.Named("domains.zone").GivesRaw("text/dns"));
        v1.MapPost("/domains/{domainId}/dkim/rotate", RotateDkim.HandleAsync).Needs(Scopes.DomainsWrite)
            .Is(Call.Named("domains.rotateDkim").Takes<DkimRotationRequest>().Gives<Envelope<DomainResponse>>()
            .Fails(403, "The shared domain is its operator's to change").Fails(409, "A rotation is under way"));
        v1.MapPost("/domains/{domainId}/verify", VerifyDomain.HandleAsync).Needs(Scopes.DomainsWrite)
            .Is(Call.Named("domains.verify").Gives<DomainVerified>().Fails(409, "Verified by somebody else"));
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

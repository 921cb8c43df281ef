using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>How a domain's mail is sent: the members of <c>PATCH /v1/domains/:id</c> that a request names; null stays as it is.</summary>
internal sealed record DomainSending(bool? WarmUp, bool? Unsubscribe)
{
    /// <exception cref="ApiException">400: the member, and what was expected.</exception>
    public static DomainSending Read(RequestBody body) => new(body.Flag("warm_up"), body.Flag("unsubscribe"));

    /// <exception cref="ApiException">403: the shared domain is not the caller's to change.</exception>
    public async Task<Domain> ApplyAsync(IStore store, string orgId, Domain domain, TimeProvider time, CancellationToken cancellation)
    {
        if (WarmUp is null && Unsubscribe is null)
            return domain;
        if (domain.Shared && domain.OrgId != orgId)
            throw ApiException.Forbidden("The shared domain is set up by the operator of this server", "shared_domain");
        if (domain.Shared && WarmUp == true)
            throw ApiException.Invalid("warm_up", "The shared domain cannot be warmed up: each organisation that uses it has limits of its own");
        return await store.Domains.SetSendingAsync(orgId, domain.Id, WarmUp, Unsubscribe, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellation) ?? domain;
    }
}

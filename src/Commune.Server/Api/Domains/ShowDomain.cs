using Commune.Server.Domains;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Puts a domain's answer together: its records with their last check, and the caller's inboxes at it.</summary>
public sealed class ShowDomain(IStore store, DomainRecords records)
{
    private const int MostInboxesShown = 100;

    public async Task<DomainResponse> OfAsync(HttpContext http, Domain domain)
    {
        var check = domain.Shared ? null : await store.DomainChecks.GetAsync(domain.OrgId, domain.Id, http.RequestAborted);
        var inboxes = await store.Inboxes.ListAsync(Authentication.CallerOf(http).OrgId, domain.Id, MostInboxesShown, null, http.RequestAborted);
        return DomainResponse.From(domain, await RecordsAsync(domain, check, http.RequestAborted), inboxes.Items, check);
    }

    public async Task<IReadOnlyList<DnsRecordResponse>> RecordsAsync(HttpContext http, Domain domain) =>
        await RecordsAsync(domain, domain.Shared ? null : await store.DomainChecks.GetAsync(domain.OrgId, domain.Id, http.RequestAborted), http.RequestAborted);

    private async Task<IReadOnlyList<DnsRecordResponse>> RecordsAsync(Domain domain, KeptDomainCheck? check, CancellationToken cancellation)
    {
        var kept = KeptCheck.Read(check?.Records);
        return [.. (await records.IssueAsync(domain, cancellation))
            .Select(issued => DnsRecordResponse.From(issued, kept.GetValueOrDefault(KeptCheck.KeyOf(issued)), domain))];
    }
}

using Commune.Server.Domains;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Puts a domain's answer together: its records with their last check, and the caller's inboxes at it.</summary>
public sealed class ShowDomain(IStore store, DomainRecords records)
{
    private const int MostInboxesShown = 100;

    /// <param name="now">What a check found just now; null shows the last one that was kept.</param>
    public async Task<DomainResponse> OfAsync(HttpContext http, Domain domain, LiveCheck? now = null)
    {
        var check = domain.Shared ? null : await store.DomainChecks.GetAsync(domain.OrgId, domain.Id, http.RequestAborted);
        var inboxes = await store.Inboxes.ListAsync(Authentication.CallerOf(http).OrgId, domain.Id, MostInboxesShown, null, http.RequestAborted);
        var shown = now is null ? await RecordsAsync(domain, check, http.RequestAborted)
            : [.. now.Records.Select(record => DnsRecordResponse.From(record.Issued, record.Check, domain))];
        return DomainResponse.From(domain, shown, inboxes.Items, check);
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

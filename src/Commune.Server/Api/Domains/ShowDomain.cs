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
        var found = now?.Records.ToDictionary(static record => KeptCheck.KeyOf(record.Issued), static record => record.Check, StringComparer.Ordinal);
        return DomainResponse.From(domain, await RecordsAsync(domain, found ?? KeptCheck.Read(check?.Records), http.RequestAborted), inboxes.Items, check);
    }

    public async Task<IReadOnlyList<DnsRecordResponse>> RecordsAsync(HttpContext http, Domain domain)
    {
        var check = domain.Shared ? null : await store.DomainChecks.GetAsync(domain.OrgId, domain.Id, http.RequestAborted);
        return await RecordsAsync(domain, KeptCheck.Read(check?.Records), http.RequestAborted);
    }

    /// <summary>As they are issued now: a check may have changed what a key is there for.</summary>
    private async Task<IReadOnlyList<DnsRecordResponse>> RecordsAsync(
        Domain domain, IReadOnlyDictionary<string, RecordCheck> found, CancellationToken cancellation) =>
        [.. (await records.IssueAsync(domain, cancellation))
            .Select(issued => DnsRecordResponse.From(issued, found.GetValueOrDefault(KeptCheck.KeyOf(issued)), domain))];
}

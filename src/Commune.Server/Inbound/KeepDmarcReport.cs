using Commune.Mail.Reports;
using Commune.Storage;

namespace Commune.Server.Inbound;

/// <summary>Keeps an aggregate report, however it came in: the same numbers by API and by mail.</summary>
public sealed class KeepDmarcReport(IStore store, TimeProvider time)
{
    private const int MostText = 255;

    /// <summary>A report names the domain that published the policy; one about a subdomain is filed under its parent's owner too.</summary>
    public static bool IsAbout(DmarcAggregateReport report, string domainName) =>
        report.Policy.Domain == domainName || report.Policy.Domain.EndsWith("." + domainName, StringComparison.Ordinal);

    /// <param name="domain">The organisation's domain that the report is for; looked up by its name when null.</param>
    public async Task<DmarcReport> KeepAsync(string orgId, DmarcAggregateReport report, Domain? domain, CancellationToken cancellation)
    {
        domain ??= await OwnDomainAsync(orgId, report.Policy.Domain, cancellation);
        var kept = new DmarcReport(orgId, EntityId.New("dmarc_"), Short(report.ReportId), Short(report.OrgName), Short(report.Email),
            Short(report.Policy.Domain), domain?.Id, report.Begin.ToUnixTimeMilliseconds(), report.End.ToUnixTimeMilliseconds(),
            new DmarcPolicy(Short(report.Policy.Domain), report.Policy.Adkim, report.Policy.Aspf, report.Policy.P, report.Policy.Sp, report.Policy.Pct),
            [.. report.Records.Select(static r => new DmarcRow(Short(r.SourceIp), r.Count, r.Disposition, r.Dkim, r.Spf, Short(r.HeaderFrom),
                Shorten(r.DkimDomain), Shorten(r.DkimSelector), Shorten(r.SpfDomain)))],
            time.GetUtcNow().ToUnixTimeMilliseconds());
        return kept with { Id = await store.Dmarc.SaveAsync(kept, cancellation) };
    }

    private async Task<Domain?> OwnDomainAsync(string orgId, string name, CancellationToken cancellation) =>
        await store.Domains.FindVerifiedAsync(name, cancellation) is { } found && found.OrgId == orgId ? found : null;

    private static string Short(string text) => text.Length <= MostText ? text : text[..MostText];

    private static string? Shorten(string? text) => text is null ? null : Short(text);
}

using Commune.Mail.Dns;
using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Api.Domains;

/// <summary>The DNS records that a custom domain needs, and whether resolvers answer them (contract section 7).</summary>
public sealed class DomainRecords(IStore store, IDnsResolver resolver, IOptions<CommuneOptions> options)
{
    private const int Ttl = 3600;
    private const int MxPriority = 10;

    /// <summary>The records as issued, each with the status of the domain; none for the shared domain, which is the operator's.</summary>
    public async Task<IReadOnlyList<DnsRecordResponse>> IssueAsync(Domain domain, CancellationToken cancellation)
    {
        if (domain.Shared)
            return [];
        var keys = await store.Domains.GetDkimKeysAsync(domain.OrgId, domain.Id, cancellation);
        var status = domain.Status;
        return
        [
            new("MX", "MX", domain.Name, options.Value.EffectiveHostName, MxPriority, Ttl, status),
            new("SPF", "TXT", domain.Name, $"v=spf1 a:{options.Value.EffectiveHostName} mx ~all", null, Ttl, status),
            .. keys.Select(key => new DnsRecordResponse("DKIM", "TXT", $"{key.Selector}._domainkey.{domain.Name}",
                $"v=DKIM1; k=rsa; p={key.PublicKey}", null, Ttl, status)),
            new("DMARC", "TXT", $"_dmarc.{domain.Name}", "v=DMARC1; p=none", null, Ttl, status),
        ];
    }

    /// <summary>
    /// Asks the resolvers and gives each record its own status. The domain is verified when MX, SPF and DKIM stand as issued,
    /// failed when one of them is there but different, pending while one is missing.
    /// </summary>
    public async Task<(string Status, IReadOnlyList<DnsRecordResponse> Records)> CheckAsync(Domain domain, CancellationToken cancellation)
    {
        var records = new List<DnsRecordResponse>();
        foreach (var record in await IssueAsync(domain, cancellation))
            records.Add(record with { Status = await StatusOfAsync(record, cancellation) });
        var proving = records.Where(static r => r.Record != "DMARC").ToList();
        var status = proving.TrueForAll(static r => r.Status == "verified") ? "verified"
            : proving.Exists(static r => r.Status == "failed") ? "failed" : "pending";
        return (status, records);
    }

    private async Task<string> StatusOfAsync(DnsRecordResponse record, CancellationToken cancellation)
    {
        if (record.Type == "MX")
        {
            var exchanges = await resolver.MxAsync(record.Name, cancellation);
            return exchanges.Records.Count == 0 ? "pending"
                : exchanges.Records.Any(mx => mx.Exchange.TrimEnd('.').Equals(record.Value, StringComparison.OrdinalIgnoreCase)) ? "verified" : "failed";
        }
        var texts = (await resolver.TxtAsync(record.Name, cancellation)).Records;
        return record.Record switch
        {
            // RFC 7208 §4.5: two SPF records are an error, so a right one beside another does not count.
            "SPF" => Judge([.. texts.Where(static t => IsTagged(t, "v=spf1"))], t => t.Contains($"a:{options.Value.EffectiveHostName}", StringComparison.OrdinalIgnoreCase)
                || t.Split(' ').Any(static term => term.TrimStart('+').Equals("mx", StringComparison.OrdinalIgnoreCase))),
            "DKIM" => Judge([.. texts], t => KeyOf(t) == KeyOf(record.Value)),
            _ => Judge([.. texts.Where(static t => IsTagged(t, "v=DMARC1"))], static _ => true),
        };
    }

    private static string Judge(IReadOnlyList<string> found, Func<string, bool> right) =>
        found.Count == 0 ? "pending" : found.Count == 1 && right(found[0]) ? "verified" : "failed";

    private static bool IsTagged(string text, string version) =>
        text.StartsWith(version, StringComparison.OrdinalIgnoreCase) && (text.Length == version.Length || text[version.Length] is ' ' or ';');

    /// <summary>The <c>p=</c> tag without white space (RFC 6376 §3.6.1).</summary>
    private static string KeyOf(string record)
    {
        foreach (var tag in record.Split(';'))
        {
            if (tag.Trim() is { } trimmed && trimmed.StartsWith("p=", StringComparison.Ordinal))
                return string.Concat(trimmed[2..].Where(static c => !char.IsWhiteSpace(c)));
        }
        return "";
    }
}

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
    private const string Below = "._domainkey.";
    private const string Ed25519Start = "v=DKIM1; k=ed25519; p=";

    /// <summary>
    /// The records as issued, each with the status of the domain, but for the Ed25519 key, which has its own. The shared domain is
    /// verified whatever resolvers say of it, so its records are not.
    /// </summary>
    public async Task<IReadOnlyList<DnsRecordResponse>> IssueAsync(Domain domain, CancellationToken cancellation)
    {
        var keys = await store.Domains.GetDkimKeysAsync(domain.OrgId, domain.Id, cancellation);
        var status = domain.Shared ? "not_started" : domain.Status;
        return
        [
            new("MX", "MX", domain.Name, options.Value.EffectiveHostName, MxPriority, Ttl, status),
            new("SPF", "TXT", domain.Name, $"v=spf1 a:{options.Value.EffectiveHostName} mx ~all", null, Ttl, status),
            .. keys.Select(key => key.Algorithm == DkimKey.Ed25519
                ? new DnsRecordResponse("DKIM", "TXT", key.Selector + Below + domain.Name, Ed25519Start + key.PublicKey, null, Ttl,
                    key.VerifiedAt is null ? "not_started" : "verified")
                : new DnsRecordResponse("DKIM", "TXT", key.Selector + Below + domain.Name, $"v=DKIM1; k=rsa; p={key.PublicKey}", null, Ttl, status)),
            new("DMARC", "TXT", $"_dmarc.{domain.Name}", "v=DMARC1; p=none", null, Ttl, status),
        ];
    }

    /// <summary>
    /// Asks the resolvers and gives each record its own status. The domain is verified when MX, SPF and DKIM stand as issued,
    /// failed when one of them is there but different, pending while one is missing. An Ed25519 key is a second one, and proves nothing.
    /// </summary>
    public async Task<(string Status, IReadOnlyList<DnsRecordResponse> Records)> CheckAsync(Domain domain, CancellationToken cancellation)
    {
        var issued = await IssueAsync(domain, cancellation);
        var records = await Task.WhenAll(issued.Select(async record => record with { Status = await StatusOfAsync(record, cancellation) }));
        var proving = records.Where(static r => r.Record != "DMARC" && Ed25519SelectorIn(r) is null).ToList();
        var status = proving.TrueForAll(static r => r.Status == "verified") ? "verified"
            : proving.Exists(static r => r.Status == "failed") ? "failed" : "pending";
        return (status, records);
    }

    /// <summary>The selector of an Ed25519 key's record; null for any other record.</summary>
    internal static string? Ed25519SelectorIn(DnsRecordResponse record) =>
        record.Value.StartsWith(Ed25519Start, StringComparison.Ordinal) ? record.Name[..record.Name.IndexOf(Below, StringComparison.Ordinal)] : null;

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

using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Domains;

/// <summary>A DNS record that a domain needs (contract section 7).</summary>
/// <param name="Kind"><c>MX</c>, <c>SPF</c>, <c>DKIM</c> or <c>DMARC</c>.</param>
/// <param name="Type"><c>MX</c> or <c>TXT</c>.</param>
/// <param name="Name">The full name, without a trailing dot.</param>
/// <param name="Value">The exchange of an MX; the text of a TXT, its strings joined.</param>
/// <param name="Key">The DKIM key that the record publishes; null for every other record.</param>
public sealed record IssuedRecord(string Kind, string Type, string Name, string Value, int? Priority, DkimKey? Key = null)
{
    public const int Ttl = 3600;

    /// <summary>The Ed25519 key that the record publishes, which signs only while it does.</summary>
    public DkimKey? SecondKey => Key is { Algorithm: DkimKey.Ed25519 } ? Key : null;

    /// <summary>The key that signs when the record is found.</summary>
    public DkimKey? NextKey => Key is { Role: DkimRole.Next } ? Key : null;

    /// <summary>Ownership is proved by this record.</summary>
    public bool IsProof => Kind != "DMARC" && Key is null or { Algorithm: DkimKey.Rsa, Role: DkimRole.Active };
}

/// <summary>Issues the records of a domain. Those of the shared domain are the operator's to publish.</summary>
public sealed class DomainRecords(IStore store, IOptions<CommuneOptions> options)
{
    private const int MxPriority = 10;

    /// <summary>The local part at every custom domain where reporters send DMARC aggregate reports; its mail is read by <c>Inbound/Reports/ReceiveDmarcReport</c>.</summary>
    public const string DmarcLocalPart = "dmarc-reports";

    public async Task<IReadOnlyList<IssuedRecord>> IssueAsync(Domain domain, CancellationToken cancellation)
    {
        var keys = await store.Domains.GetDkimKeysAsync(domain.OrgId, domain.Id, cancellation);
        var host = options.Value.EffectiveHostName;
        return
        [
            new("MX", "MX", domain.Name, host, MxPriority),
            new("SPF", "TXT", domain.Name, $"v=spf1 a:{host} mx ~all", null),
            .. keys.Select(key => DkimOf(domain, key)),
            new("DMARC", "TXT", $"_dmarc.{domain.Name}", $"v=DMARC1; p=none; rua=mailto:{DmarcLocalPart}@{domain.Name}", null),
        ];
    }

    private static IssuedRecord DkimOf(Domain domain, DkimKey key)
    {
        var isSecond = key.Algorithm == DkimKey.Ed25519;
        return new IssuedRecord("DKIM", "TXT", $"{key.Selector}._domainkey.{domain.Name}",
            $"v=DKIM1; k={(isSecond ? "ed25519" : "rsa")}; p={key.PublicKey}", null, key);
    }
}

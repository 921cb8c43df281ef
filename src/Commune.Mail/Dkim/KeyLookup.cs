using Commune.Mail.Dns;

namespace Commune.Mail.Dkim;

/// <summary>The key records at <c>selector._domainkey.domain</c> (RFC 6376 §3.6.2), or why there are none.</summary>
internal sealed record KeyLookup(IReadOnlyList<DkimKeyRecord> Keys, DkimVerdict Verdict, string? Reason)
{
    // §3.6.2.2: several records for one selector are undefined; some are tried, so that a stray one does no harm.
    private const int MaxRecords = 4;

    public static async Task<KeyLookup> FindAsync(IDnsResolver dns, string selector, string domain, CancellationToken ct)
    {
        var answer = await dns.TxtAsync($"{selector}._domainkey.{domain}", ct);
        if (answer.IsTemporaryFailure)
            return new KeyLookup([], DkimVerdict.TempError, "the key could not be fetched");
        if (answer.Status != DnsStatus.Success || answer.Records.Count == 0)
            return new KeyLookup([], DkimVerdict.PermError, "no key for signature");

        var keys = new List<DkimKeyRecord>();
        string? first = null;
        foreach (var record in answer.Records.Take(MaxRecords))
        {
            if (DkimKeyRecord.Parse(record, out var defect) is { } key)
                keys.Add(key);
            else
                first ??= defect;
        }

        return new KeyLookup(keys, DkimVerdict.PermError, keys.Count == 0 ? "key record: " + first : null);
    }
}

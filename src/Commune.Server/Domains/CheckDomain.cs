using System.Text.Json;
using Commune.Mail.Dns;
using Commune.Mail.Spf;
using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Domains;

/// <param name="Status">Of the domain, by its records.</param>
/// <param name="IsTemporary">A record could not be asked for, so that nothing may be concluded to the domain's disadvantage.</param>
public sealed record LiveCheck(string Status, IReadOnlyList<CheckedRecord> Records, bool IsTemporary);

/// <summary>A record as it was issued, with what was found in its place.</summary>
public sealed record CheckedRecord(IssuedRecord Issued, RecordCheck Check);

/// <summary>Asks live DNS, past every cache of ours, whether a domain's records stand as issued.</summary>
public sealed class CheckDomain(DomainRecords records, IOptions<CommuneOptions> options, LiveDns live)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Verified when MX, SPF and DKIM stand as issued, failed when one of them is there but different, pending while one is missing.
    /// DMARC, a second, Ed25519 key and keys of a rotation prove no ownership and decide nothing; but a next key that is found stands in for the
    /// present one, since it signs from now on.
    /// </summary>
    public async Task<LiveCheck> RunAsync(Domain domain, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeLimit);
        var issued = await records.IssueAsync(domain, cancellation);
        var done = await Task.WhenAll(issued.Select(async record => new CheckedRecord(record, await AskAsync(record, domain.Name, limit.Token, cancellation))));
        var followed = done.Any(static r => r is { Issued.NextKey.Algorithm: DkimKey.Rsa, Check.Status: RecordCheck.Verified });
        var proving = done.Where(r => r.Issued.IsProof && !(followed && r.Issued.Key is not null)).Select(static r => r.Check).ToList();
        var status = proving.TrueForAll(static c => c.Status == RecordCheck.Verified) ? RecordCheck.Verified
            : proving.Exists(static c => c.Status == RecordCheck.Failed) ? RecordCheck.Failed : RecordCheck.Pending;
        return new LiveCheck(status, done, proving.Exists(static c => c.IsTemporary));
    }

    private async Task<RecordCheck> AskAsync(IssuedRecord record, string domain, CancellationToken limit, CancellationToken cancellation)
    {
        try
        {
            return record.Kind switch
            {
                "MX" => await MxCheck.RunAsync(live.Resolver, record, limit),
                "SPF" => await SpfCheck.RunAsync(live.Resolver, new SpfVerifier(live.Resolver), record, options.Value.EffectiveHostName, limit),
                "DKIM" => await DkimCheck.RunAsync(live.Resolver, record, domain, limit),
                _ => await DmarcCheck.RunAsync(live.Resolver, record, domain, limit),
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return RecordCheck.Unanswered(record.Name);
        }
    }
}

/// <summary>The resolver that remembers nothing: who has just set a record wants to know what stands there now.</summary>
public sealed record LiveDns(IDnsResolver Resolver);

/// <summary>How a check is kept beside its domain: by record, what was found.</summary>
internal static class KeptCheck
{
    public static string Write(LiveCheck check) =>
        JsonSerializer.Serialize(check.Records.ToDictionary(static r => KeyOf(r.Issued), static r => r.Check, StringComparer.Ordinal), ApiJson.Options);

    /// <summary>The last check of each record; one that has not been checked is not among them.</summary>
    public static IReadOnlyDictionary<string, RecordCheck> Read(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<Dictionary<string, RecordCheck>>(json, ApiJson.Options) ?? [];

    public static string KeyOf(IssuedRecord record) => $"{record.Kind} {record.Name}";
}

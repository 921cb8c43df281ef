using Commune.Server.Hosting;
using Commune.Server.Outbound;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Domains;

/// <summary>Checks a domain and writes down what that makes of it.</summary>
public sealed class RecordDomainCheck(IStore store, CheckDomain check, DkimKeyRing keys, IOptions<CommuneOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Soon = TimeSpan.FromHours(1);
    private static readonly TimeSpan Young = TimeSpan.FromDays(1);
    private static readonly TimeSpan YoungAgain = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Rarely = TimeSpan.FromDays(1);

    /// <summary>Because somebody asked: what DNS says now is the status.</summary>
    public Task<(DomainCheckResult Result, LiveCheck Found)> ByHandAsync(Domain domain, AuditEntry audit, CancellationToken cancellation) =>
        RunAsync(domain, patient: false, audit, cancellation);

    /// <summary>
    /// Because it was time: a verified domain stays verified for a while when its records break, since mail would be refused, and
    /// the name be free for others, over what is often a slip. The owner is told by an event.
    /// </summary>
    public Task InTheBackgroundAsync(Domain domain, CancellationToken cancellation) => RunAsync(domain, patient: true, null, cancellation);

    private async Task<(DomainCheckResult Result, LiveCheck Found)> RunAsync(Domain domain, bool patient, AuditEntry? audit, CancellationToken cancellation)
    {
        var former = await store.DomainChecks.GetAsync(domain.OrgId, domain.Id, cancellation);
        // One that the operator trusts without DNS is looked at, and stays what it is.
        var trusted = former is null && domain.Status == RecordCheck.Verified;
        var found = await check.RunAsync(domain, cancellation);
        var now = time.GetUtcNow();
        var at = now.ToUnixTimeMilliseconds();
        await NoteSecondKeysAsync(domain, found, at, cancellation);
        await SwitchKeysAsync(domain, found, at, cancellation);
        if (domain.Shared)
            return (DomainCheckResult.Recorded, found);
        long? brokenAt = null;
        var status = found.Status;
        if (domain.Status == RecordCheck.Verified && status != RecordCheck.Verified)
        {
            brokenAt = found.IsTemporary ? former?.BrokenAt : former?.BrokenAt ?? at;
            var spared = patient && (brokenAt is null || at - brokenAt < (long)options.Value.Domains.BrokenGrace.TotalMilliseconds);
            if (trusted || found.IsTemporary || spared)
                status = RecordCheck.Verified;
            else
                brokenAt = null;
        }
        return (trusted ? DomainCheckResult.Recorded : await store.DomainChecks.RecordAsync(
            new DomainCheck(domain.OrgId, domain.Id, status, KeptCheck.Write(found), at, brokenAt, NextAt(domain, found, status, brokenAt, now)), cancellation, audit), found);
    }

    /// <summary>The second signature begins when its key can be found, and ends when it no longer can.</summary>
    private async Task NoteSecondKeysAsync(Domain domain, LiveCheck found, long at, CancellationToken cancellation)
    {
        foreach (var (issued, asked) in found.Records.Where(static r => r.Issued.SecondKey is not null && !r.Check.IsTemporary).Select(static r => (r.Issued, r.Check)))
        {
            await store.Domains.SetDkimKeyVerifiedAsync(
                domain.OrgId, domain.Id, issued.SecondKey!.Selector, asked.Status == RecordCheck.Verified ? at : null, cancellation);
            keys.Forget(domain.Id);
        }
    }

    /// <summary>A next key signs as soon as receivers can find it.</summary>
    private async Task SwitchKeysAsync(Domain domain, LiveCheck found, long at, CancellationToken cancellation)
    {
        foreach (var record in found.Records.Where(static r => r is { Issued.NextKey: not null, Check.Status: RecordCheck.Verified }))
        {
            if (await store.Domains.SwitchDkimKeyAsync(domain.OrgId, domain.Id, record.Issued.NextKey!.Selector, at, cancellation))
                keys.Forget(domain.Id);
        }
    }

    private long NextAt(Domain domain, LiveCheck found, string status, long? brokenAt, DateTimeOffset now)
    {
        var age = now - DateTimeOffset.FromUnixTimeMilliseconds(domain.CreatedAt);
        var wait = status == RecordCheck.Verified ? (brokenAt is null ? options.Value.Domains.RecheckEvery : Soon)
            : age < Young ? YoungAgain : age < TimeSpan.FromDays(7) ? Soon : Rarely;
        // Somebody is about to publish a key.
        if (found.Records.Any(static r => r is { Issued.NextKey: not null, Check.Status: not RecordCheck.Verified }) && wait > YoungAgain)
            wait = YoungAgain;
        return (now + wait).ToUnixTimeMilliseconds();
    }
}

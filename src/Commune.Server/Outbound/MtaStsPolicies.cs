using System.Collections.Concurrent;
using Commune.Mail.Dns;
using Commune.Mail.MtaSts;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>
/// The MTA-STS policy in force for a destination (RFC 8461 §3.3, §5.1). A policy that was fetched stays in force until its max_age has passed,
/// whatever DNS says meanwhile: that is its point.
/// </summary>
internal sealed partial class MtaStsPolicies(IStore store, IDnsResolver resolver, IMtaStsFetch fetch, TimeProvider time, ILogger<MtaStsPolicies> log)
{
    private const int Bound = 10_000;

    /// <summary>How long another node's fetch may go unnoticed, and a failed fetch is not repeated (§3.3).</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(5);

    /// <summary>§3.3: fetched anew well before it expires, so that it never lapses while the policy host is up.</summary>
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, Known> known = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly Dictionary<string, Task<Known>> fetching = new(StringComparer.Ordinal);

    /// <returns>Null when there is none.</returns>
    public async ValueTask<MtaStsPolicy?> FindAsync(string domain, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var records = await resolver.TxtAsync(MtaStsRecord.NameOf(domain), cancellation);
        var id = MtaStsRecord.FindId(records.Records);
        var found = await KnownAsync(domain, now, cancellation);
        if (id is not null && found.MustBeFetched(id, now))
            found = await FetchOnce(domain, id, found).WaitAsync(cancellation);
        return found.Policy is { } policy && found.ExpiresAt > now ? policy : null;
    }

    private async ValueTask<Known> KnownAsync(string domain, DateTimeOffset now, CancellationToken cancellation)
    {
        if (known.TryGetValue(domain, out var found) && now - found.ReadAt < Fresh)
            return found;
        var stored = await store.MtaSts.GetAsync(domain, cancellation);
        return Remember(domain, (stored is null ? new Known() : Known.From(stored)) with { ReadAt = now, FailedAt = found?.FailedAt });
    }

    /// <summary>However many messages wait for it. Not tied to one caller's token: the fetch has a time limit of its own.</summary>
    private Task<Known> FetchOnce(string domain, string id, Known before)
    {
        lock (gate)
        {
            if (!fetching.TryGetValue(domain, out var task))
                fetching[domain] = task = Task.Run(() => FetchAsync(domain, id, before));
            return task;
        }
    }

    private async Task<Known> FetchAsync(string domain, string id, Known before)
    {
        try
        {
            return await FetchAndKeepAsync(domain, id, before);
        }
        finally
        {
            lock (gate)
                fetching.Remove(domain);
        }
    }

    private async Task<Known> FetchAndKeepAsync(string domain, string id, Known before)
    {
        var (text, reason) = await fetch.FetchAsync(domain, CancellationToken.None);
        var now = time.GetUtcNow();
        if (text is null || MtaStsPolicy.Parse(text) is not { } policy)
        {
            LogNoPolicy(log, domain, text is null ? reason : "it cannot be read as one");
            return Remember(domain, before with { FailedAt = now });
        }
        var at = now.ToUnixTimeMilliseconds();
        await store.MtaSts.PutAsync(new CachedMtaStsPolicy(domain, id, text, at, at + (long)policy.MaxAge.TotalMilliseconds), CancellationToken.None);
        return Remember(domain, new Known { Id = id, Policy = policy, FetchedAt = now, ExpiresAt = now + policy.MaxAge, ReadAt = now });
    }

    private Known Remember(string domain, Known entry)
    {
        if (known.Count >= Bound)
            known.Clear();
        return known[domain] = entry;
    }

    private sealed record Known
    {
        public string? Id { get; init; }
        public MtaStsPolicy? Policy { get; init; }
        public DateTimeOffset FetchedAt { get; init; }
        public DateTimeOffset ExpiresAt { get; init; }
        public DateTimeOffset ReadAt { get; init; }
        public DateTimeOffset? FailedAt { get; init; }

        public static Known From(CachedMtaStsPolicy stored) => new()
        {
            Id = stored.PolicyId,
            Policy = MtaStsPolicy.Parse(stored.Policy),
            FetchedAt = DateTimeOffset.FromUnixTimeMilliseconds(stored.FetchedAt),
            ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(stored.ExpiresAt),
        };

        public bool MustBeFetched(string id, DateTimeOffset now) =>
            (Policy is null || Id != id || ExpiresAt <= now || now - FetchedAt > RefreshAfter) && (FailedAt is null || now - FailedAt > AfterFailure);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Domain} says that it has an MTA-STS policy, and it cannot be had: {Reason}")]
    private static partial void LogNoPolicy(ILogger log, string domain, string reason);
}

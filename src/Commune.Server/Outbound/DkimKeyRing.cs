using System.Collections.Concurrent;
using Commune.Mail.Dkim;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>The signing keys in use, read once a minute per domain so that a rotated key is taken up on every node.</summary>
public sealed class DkimKeyRing(IStore store, TimeProvider time)
{
    private const int Bound = 1024;
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Entry> keys = new(StringComparer.Ordinal);

    /// <summary>The newest key of the domain.</summary>
    /// <exception cref="InvalidOperationException">The domain has no key: domains are created with one.</exception>
    public async ValueTask<DkimSigningKey> KeyOfAsync(Domain domain, CancellationToken cancellation)
    {
        var now = time.GetTimestamp();
        if (keys.TryGetValue(domain.Id, out var entry) && time.GetElapsedTime(entry.ReadAt, now) < Fresh)
            return entry.Key;
        var stored = (await store.Domains.GetDkimKeysAsync(domain.OrgId, domain.Id, cancellation)).FirstOrDefault()
            ?? throw new InvalidOperationException($"Domain {domain.Id} has no DKIM key");
        var key = entry is not null && entry.Selector == stored.Selector
            ? entry.Key : DkimSigningKey.FromPem(domain.Name, stored.Selector, stored.PrivateKeyPem);
        if (keys.Count >= Bound)
            keys.Clear();
        keys[domain.Id] = new Entry(key, stored.Selector, now);
        return key;
    }

    private sealed record Entry(DkimSigningKey Key, string Selector, long ReadAt);
}

using System.Collections.Concurrent;
using Commune.Mail.Dkim;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>The signing keys in use, read once a minute per domain so that a changed key is taken up on every node.</summary>
public sealed class DkimKeyRing(IStore store, TimeProvider time)
{
    private const int Bound = 1024;
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Entry> rings = new(StringComparer.Ordinal);

    /// <summary>Signs with every key that the domain uses: RSA, and Ed25519 where that is turned on and its record stands in DNS.</summary>
    /// <param name="message">As it goes onto the wire: CRLF line ends, before dot-stuffing.</param>
    /// <returns>The <c>DKIM-Signature</c> fields, to be put in front of the message. RSA comes first: every verifier knows it, and one
    /// with a limit takes the topmost.</returns>
    /// <exception cref="InvalidOperationException">The domain has no key: domains are created with one.</exception>
    public async ValueTask<byte[]> SignAsync(Domain domain, ReadOnlyMemory<byte> message, DateTimeOffset now, CancellationToken cancellation)
    {
        var keys = await KeysOfAsync(domain, cancellation);
        return keys is [var only] ? DkimSigner.Sign(message.Span, only, now) : [.. keys.SelectMany(key => DkimSigner.Sign(message.Span, key, now))];
    }

    /// <summary>The domain's keys have changed here: they are read anew for the next message.</summary>
    public void Forget(string domainId) => rings.TryRemove(domainId, out _);

    private async ValueTask<IReadOnlyList<DkimSigningKey>> KeysOfAsync(Domain domain, CancellationToken cancellation)
    {
        var now = time.GetTimestamp();
        if (rings.TryGetValue(domain.Id, out var entry) && time.GetElapsedTime(entry.ReadAt, now) < Fresh)
            return entry.Keys;
        var stored = (await store.Domains.GetDkimKeysAsync(domain.OrgId, domain.Id, cancellation))
            .Where(static key => key.Role == DkimRole.Active && (key.Algorithm == DkimKey.Rsa || key.VerifiedAt is not null))
            .DistinctBy(static key => key.Algorithm, StringComparer.Ordinal).ToList();
        if (stored.Count == 0)
            throw new InvalidOperationException($"Domain {domain.Id} has no DKIM key");
        var keys = stored.ConvertAll(key => entry?.Keys.FirstOrDefault(known => known.Selector == key.Selector)
            ?? DkimSigningKey.FromPem(domain.Name, key.Selector, key.PrivateKeyPem));
        if (rings.Count >= Bound)
            rings.Clear();
        rings[domain.Id] = new Entry(keys, now);
        return keys;
    }

    private sealed record Entry(IReadOnlyList<DkimSigningKey> Keys, long ReadAt);
}

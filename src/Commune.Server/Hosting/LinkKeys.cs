using System.Buffers.Binary;
using System.Security.Cryptography;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Hosting;

/// <param name="Id">Stands in what was signed, so that the key is found again.</param>
/// <param name="MadeAt">Unix ms.</param>
public sealed record LinkKey(uint Id, byte[] Key, long MadeAt);

/// <summary>
/// The keys of signed attachment links: the newest signs, and each that a link may still be signed with checks. All nodes share them; one that
/// meets a key it does not know looks again.
/// </summary>
public sealed class LinkKeys(IStore store, IOptions<CommuneOptions> options, TimeProvider time)
{
    /// <summary>No link lives longer.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(7);

    private const string Name = "attachment-link-keys";
    private const int KeyLength = 32;
    private const int EntryLength = sizeof(uint) + sizeof(long) + KeyLength;
    private const int MostTries = 20;
    private const int MostKeys = 200;

    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    /// <summary>Whoever makes up ids of keys makes us look no more often.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private Ring? ring;

    /// <summary>The key that signs; a new one when it has signed for as long as it may.</summary>
    public async ValueTask<LinkKey> CurrentAsync(CancellationToken cancellation)
    {
        var known = await RingAsync(Fresh, cancellation);
        if (time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(known.Keys[0].MadeAt) < options.Value.LinkKeyLife)
            return known.Keys[0];
        // Of several nodes that find it too old one makes the next.
        await RotateAsync(known, revoke: false, cancellation);
        return (await ReadAsync(cancellation)).Keys[0];
    }

    /// <summary>Null when there is no such key (any more).</summary>
    public async ValueTask<LinkKey?> FindAsync(uint id, CancellationToken cancellation) =>
        (await RingAsync(Fresh, cancellation)).Find(id) ?? (await RingAsync(LookAgain, cancellation)).Find(id);

    /// <summary>Makes a new key. The former ones check the links that they signed until those end, or with <paramref name="revoke"/> no more.</summary>
    public async Task<LinkKey> RotateAsync(bool revoke, CancellationToken cancellation)
    {
        for (var i = 0; i < MostTries; i++)
        {
            if (await RotateAsync(await ReadAsync(cancellation), revoke, cancellation))
                return ring!.Keys[0];
        }
        throw new InvalidOperationException("The keys of links change all the time; try again.");
    }

    /// <summary>False when another node was first.</summary>
    private async Task<bool> RotateAsync(Ring known, bool revoke, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        List<LinkKey> keys = [NewKey(now.ToUnixTimeMilliseconds())];
        // A key is of use while a link that it signed may live: it signed until the next one was made.
        var successor = keys[0].MadeAt;
        foreach (var key in revoke ? [] : known.Keys)
        {
            if (keys.Count == MostKeys || now - DateTimeOffset.FromUnixTimeMilliseconds(successor) >= LongestLife)
                break;
            keys.Add(key);
            successor = key.MadeAt;
        }
        var next = Write(keys);
        if (!await store.Secrets.ReplaceAsync(Name, known.Bytes, next, cancellation))
            return false;
        ring = new Ring(keys, next, time.GetTimestamp());
        return true;
    }

    private async ValueTask<Ring> RingAsync(TimeSpan notOlderThan, CancellationToken cancellation) =>
        ring is { } known && time.GetElapsedTime(known.ReadAt) < notOlderThan ? known : await ReadAsync(cancellation);

    private async Task<Ring> ReadAsync(CancellationToken cancellation)
    {
        var bytes = await store.Secrets.GetOrAddAsync(Name, Write([NewKey(time.GetUtcNow().ToUnixTimeMilliseconds())]), cancellation);
        return ring = new Ring(Read(bytes), bytes, time.GetTimestamp());
    }

    private static LinkKey NewKey(long now) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(RandomNumberGenerator.GetBytes(sizeof(uint))), RandomNumberGenerator.GetBytes(KeyLength), now);

    private static byte[] Write(List<LinkKey> keys)
    {
        var bytes = new byte[keys.Count * EntryLength];
        for (var i = 0; i < keys.Count; i++)
        {
            var entry = bytes.AsSpan(i * EntryLength, EntryLength);
            BinaryPrimitives.WriteUInt32BigEndian(entry, keys[i].Id);
            BinaryPrimitives.WriteInt64BigEndian(entry[sizeof(uint)..], keys[i].MadeAt);
            keys[i].Key.CopyTo(entry[(sizeof(uint) + sizeof(long))..]);
        }
        return bytes;
    }

    private static List<LinkKey> Read(byte[] bytes)
    {
        var keys = new List<LinkKey>();
        for (var i = 0; i + EntryLength <= bytes.Length; i += EntryLength)
        {
            var entry = bytes.AsSpan(i, EntryLength);
            keys.Add(new LinkKey(
                BinaryPrimitives.ReadUInt32BigEndian(entry), entry[(sizeof(uint) + sizeof(long))..].ToArray(), BinaryPrimitives.ReadInt64BigEndian(entry[sizeof(uint)..])));
        }
        return keys;
    }

    /// <param name="Keys">The newest first.</param>
    private sealed record Ring(IReadOnlyList<LinkKey> Keys, byte[] Bytes, long ReadAt)
    {
        public LinkKey? Find(uint id) => Keys.FirstOrDefault(key => key.Id == id);
    }
}

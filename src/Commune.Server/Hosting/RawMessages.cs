using System.Runtime.InteropServices;
using Commune.Storage;
using Commune.Storage.Blobs;

namespace Commune.Server.Hosting;

/// <summary>Keeps the exact bytes of messages: small ones go into the database row, larger ones into the blob store.</summary>
public sealed class RawMessages(IBlobStore blobs)
{
    /// <summary>Above this a row would make the database slow to copy and to check.</summary>
    public const int InlineLimit = 256 * 1024;

    /// <summary>Makes the bytes ready for the transaction that refers to them; a large message is durable in the blob store when this returns.</summary>
    public async Task<RawMessage> KeepAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (bytes.Length <= InlineLimit)
            return new RawMessage(bytes, [], bytes.Length);
        await using var stream = AsStream(bytes);
        var blob = await blobs.PutAsync(stream, cancellation);
        return new RawMessage(null, blob.Sha256, blob.Size);
    }

    /// <summary>Opens the bytes for reading; the stream can seek.</summary>
    /// <exception cref="FileNotFoundException">The blob that the row refers to is missing: the blob store is damaged.</exception>
    public async Task<Stream> OpenAsync(RawMessage raw, CancellationToken cancellation)
    {
        if (raw.Inline is { } bytes)
            return AsStream(bytes);
        var key = Convert.ToHexStringLower(raw.Sha256);
        return await blobs.OpenAsync(key, cancellation) ?? throw new FileNotFoundException($"Blob {key} is missing from the blob store");
    }

    public async Task<ReadOnlyMemory<byte>> ReadAsync(RawMessage raw, CancellationToken cancellation)
    {
        if (raw.Inline is { } bytes)
            return bytes;
        await using var stream = await OpenAsync(raw, cancellation);
        var buffer = new byte[raw.Size];
        await stream.ReadExactlyAsync(buffer, cancellation);
        return buffer;
    }

    private static MemoryStream AsStream(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
}

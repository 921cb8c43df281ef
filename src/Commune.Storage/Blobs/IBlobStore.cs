namespace Commune.Storage.Blobs;

/// <summary>Content-addressed bytes that are too large for a database row. Keys are the lower-case hex of the content's SHA-256.</summary>
public interface IBlobStore
{
    /// <summary>Stores the stream's bytes durably (synced) and returns their key and size; the same content is stored once.</summary>
    Task<BlobRef> PutAsync(Stream content, CancellationToken cancellation);

    /// <summary>Opens a blob for reading from its start; null when there is none.</summary>
    Task<Stream?> OpenAsync(string key, CancellationToken cancellation);

    /// <summary>
    /// The next blobs behind <paramref name="after"/> in the order of their keys that were last put before a moment, and where to go on: null behind
    /// the last. It looks at <paramref name="limit"/> blobs, or a few more.
    /// </summary>
    Task<(IReadOnlyList<string> Keys, string? Next)> ListOlderAsync(string after, DateTimeOffset putBefore, int limit, CancellationToken cancellation);

    /// <summary>Removes a blob; it is no error when it is gone already.</summary>
    Task DeleteAsync(string key, CancellationToken cancellation);

    /// <summary>
    /// Removes a blob that was last put before a moment, and answers true when it is gone. A blob that is put at the same time stays.
    /// </summary>
    Task<bool> DeleteIfOlderAsync(string key, DateTimeOffset putBefore, CancellationToken cancellation);
}

public sealed record BlobRef(string Key, byte[] Sha256, long Size);

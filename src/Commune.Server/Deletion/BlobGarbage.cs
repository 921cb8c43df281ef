using Commune.Storage;
using Commune.Storage.Blobs;

namespace Commune.Server.Deletion;

/// <summary>
/// Removes blobs that nothing refers to any more. Blobs are shared by content, across organisations too, so each is looked up first; one that
/// was put a moment ago may belong to a message whose row is about to be written, and waits for a later round.
/// </summary>
internal sealed class BlobGarbage(IStore store, IBlobStore blobs, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);
    private const int AtOnce = 500;

    public async Task RemoveAsync(CancellationToken cancellation)
    {
        var after = "";
        while (true)
        {
            var keys = await store.Deletions.ListGarbageAsync(after, AtOnce, cancellation);
            foreach (var key in keys)
            {
                if (await store.Deletions.IsBlobUsedAsync(key, cancellation) || await blobs.DeleteIfOlderAsync(key, time.GetUtcNow() - Fresh, cancellation))
                    await store.Deletions.ForgetGarbageAsync(key, cancellation);
            }
            if (keys.Count < AtOnce)
                return;
            after = keys[^1];
        }
    }
}

using Commune.Storage;
using Commune.Storage.Blobs;

namespace Commune.Server.Deletion;

/// <summary>
/// Removes blobs that were stored for a row which never came: the program died between the two, or the row was refused. A part of the store is looked through
/// at a time, so that in the end all of it is; what was put within the hour is left alone, since its row may be on its way.
/// </summary>
internal sealed class OrphanSweep(IStore store, IBlobStore blobs, TimeProvider time)
{
    public static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    public const int AtOnce = 2000;

    private string place = "";

    /// <summary>Looks at the next part; how many blobs were removed.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var putBefore = time.GetUtcNow() - Fresh;
        var (keys, next) = await blobs.ListOlderAsync(place, putBefore, AtOnce, cancellation);
        var removed = 0;
        foreach (var key in keys)
        {
            if (!await store.Deletions.IsBlobUsedAsync(key, cancellation) && await blobs.DeleteIfOlderAsync(key, putBefore, cancellation))
                removed++;
        }
        place = next ?? "";
        return removed;
    }
}

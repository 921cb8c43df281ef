using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>
/// Has Qdrant follow the vectors of an organisation, as a job: what is new is copied, what was deleted is removed, until Qdrant says that it is done. How far
/// it is stands in the store, so that a crash, or a Qdrant that is away for days, costs time and nothing else.
/// </summary>
internal sealed partial class MirrorVectors(IStore store, Qdrant qdrant, TimeProvider time, ILogger<MirrorVectors> log)
{
    private const int AtOnce = 256;
    private const int BatchesOfATurn = 20;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        try
        {
            var sets = (await store.SearchVectors.ListSetsAsync(job.OrgId, cancellation)).Where(static set => set.Length > 0).ToList();
            foreach (var mirror in await store.VectorMirrors.ListAsync(job.OrgId, qdrant.Target, cancellation))
            {
                // Another model took its place, it began anew, or the organisation is gone.
                if (!sets.Exists(set => set.Model.Id == mirror.Model && set.Length == mirror.Length && set.Place.Place >= mirror.Place))
                    await RemoveAsync(job, mirror, cancellation);
            }
            foreach (var set in sets)
                await FollowAsync(job, set, cancellation);
            await store.Jobs.CompleteAsync(job, cancellation);
        }
        catch (QdrantException error)
        {
            LogFailure(log, error.Message);
            var pause = FirstPause * Math.Pow(2, Math.Min(job.Attempts - 1, 10));
            await store.Jobs.RescheduleAsync(job, (time.GetUtcNow() + (pause < LongestPause ? pause : LongestPause)).ToUnixTimeMilliseconds(), cancellation);
        }
    }

    private async Task RemoveAsync(Job job, VectorMirror mirror, CancellationToken cancellation)
    {
        await qdrant.DeleteAllAsync(qdrant.CollectionOf(mirror.Model, mirror.Length), job.OrgId, cancellation);
        await store.VectorMirrors.ForgetAsync(job, qdrant.Target, mirror.Model, cancellation);
    }

    private async Task FollowAsync(Job job, VectorSet set, CancellationToken cancellation)
    {
        var collection = qdrant.CollectionOf(set.Model.Id, set.Length);
        var isNew = await qdrant.EnsureAsync(collection, set.Length, cancellation);
        // A collection that somebody removed has lost what was copied.
        var mirror = isNew ? null : (await store.VectorMirrors.ListAsync(job.OrgId, qdrant.Target, cancellation)).FirstOrDefault(mirror => mirror.Model == set.Model.Id);
        for (var batch = 0; batch < BatchesOfATurn; batch++)
        {
            var (vectors, upTo, deletion) = await store.VectorMirrors.ReadAsync(job.OrgId, set.Model.Id, mirror?.Place ?? 0, AtOnce, cancellation);
            // What was deleted before the first look was not seen by it.
            mirror ??= new VectorMirror(set.Model.Id, set.Length, 0, deletion);
            if (upTo <= mirror.Place)
                break;
            // Written down before the first point is there: whatever happens, somebody knows that points are to be removed.
            if (mirror.Place == 0 && !await store.VectorMirrors.RecordAsync(job, qdrant.Target, mirror, cancellation))
                return;
            if (vectors.Any(vector => vector.Vector.Length != set.Length))
                return;
            if (vectors.Count > 0)
                await qdrant.UpsertAsync(collection, job.OrgId, vectors, cancellation);
            mirror = mirror with { Place = upTo };
            if (!await store.VectorMirrors.RecordAsync(job, qdrant.Target, mirror, cancellation))
                return;
        }
        if (mirror is not null)
            await FollowDeletionsAsync(job, collection, mirror, cancellation);
    }

    private async Task FollowDeletionsAsync(Job job, string collection, VectorMirror mirror, CancellationToken cancellation)
    {
        for (var batch = 0; batch < BatchesOfATurn; batch++)
        {
            if (await store.VectorMirrors.ReadDeletionsAsync(job.OrgId, mirror.Deletion, AtOnce, cancellation) is not var (documents, deletion))
            {
                // Qdrant was away for longer than deletions are remembered: the copy is made anew.
                await RemoveAsync(job, mirror, cancellation);
                return;
            }
            if (deletion == mirror.Deletion)
                return;
            if (documents.Count > 0)
                await qdrant.DeleteAsync(collection, job.OrgId, documents, cancellation);
            mirror = mirror with { Deletion = deletion };
            if (!await store.VectorMirrors.RecordAsync(job, qdrant.Target, mirror, cancellation))
                return;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Vectors could not be copied or removed: {Reason} It is tried again until it is done")]
    private static partial void LogFailure(ILogger log, string reason);
}

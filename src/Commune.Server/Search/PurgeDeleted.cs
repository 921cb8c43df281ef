using Commune.Ai.Search;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>
/// Takes documents that are gone out of the segments, and words that only they had. No query has read them since the deletion; this makes
/// that nothing of them is left on disk.
/// </summary>
internal sealed class PurgeDeleted(IStore store)
{
    public async Task<bool> RunAsync(Job job, SearchPlan plan, CancellationToken cancellation)
    {
        var gone = plan.Deleted.SelectMany(static block => DeletedDocuments.Read(block)).Select(static document => (uint)document).ToHashSet();
        foreach (var segment in plan.Segments.Where(segment => segment.State == SegmentState.Live && gone.Any(document => document >= segment.First && document <= segment.Last)))
        {
            if (!await PurgeAsync(job, segment, gone, cancellation))
                return false;
        }
        return await store.SearchIndex.FinishDeletionsAsync(job, plan.Deletion, cancellation);
    }

    private async Task<bool> PurgeAsync(Job job, SearchSegment segment, HashSet<uint> gone, CancellationToken cancellation)
    {
        var reader = new SegmentReader(store.SearchIndex, job.OrgId, segment.Number);
        var batch = new BlockBatch(store, job, segment.Number);
        var postings = new PostingsWriter();
        await reader.StartAsync([], cancellation);
        while (!reader.IsAtEnd)
        {
            if (Names(reader, gone))
                Rewrite(reader, gone, postings, batch);
            await reader.FillAsync(cancellation);
            if (batch.IsFull && !await batch.FlushAsync(cancellation))
                return false;
        }
        return await batch.FlushAsync(cancellation);
    }

    /// <summary>Whether a term of the block that the reader is at names one of the documents.</summary>
    private static bool Names(SegmentReader reader, HashSet<uint> gone)
    {
        var names = false;
        do
            names |= PostingsCopy.Names(reader, gone);
        while (reader.Advance());
        reader.Rewind();
        return names;
    }

    private static void Rewrite(SegmentReader reader, HashSet<uint> gone, PostingsWriter postings, BlockBatch batch)
    {
        batch.Replace(reader.Block!);
        do
        {
            postings.Clear();
            PostingsCopy.Append(reader, gone, postings);
            if (postings.Count > 0)
                batch.Add(reader.Term, postings);
        }
        while (reader.Advance());
    }
}

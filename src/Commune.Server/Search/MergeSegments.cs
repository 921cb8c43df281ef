using System.Buffers;
using Commune.Ai.Search;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Makes segments: of terms that wait, and of segments that are about equally large.</summary>
internal sealed class MergeSegments(IStore store)
{
    /// <summary>Makes a segment of the documents that have waited longest.</summary>
    public async Task<bool> WaitingAsync(Job job, SearchPlan plan, CancellationToken cancellation)
    {
        var waiting = await store.SearchIndex.ReadTailAsync(job.OrgId, plan.MergedTo, SearchPlan.ManyWait, cancellation);
        if (waiting.Count == 0)
            return true;
        if (await store.SearchIndex.BeginSegmentAsync(job, waiting[0].Document, waiting[^1].Document, waiting.Count, [], cancellation) is not { } segment)
            return false;

        var inversion = new TermInversion();
        foreach (var (document, terms) in waiting)
            inversion.Add((uint)document, terms);
        var batches = new List<BlockBatch> { new(store, job, segment) };
        inversion.Read((term, postings) =>
        {
            if (batches[^1].IsFull)
                batches.Add(new BlockBatch(store, job, segment));
            batches[^1].Add(term, postings);
        });
        foreach (var batch in batches)
        {
            if (!await batch.FlushAsync(cancellation))
                return false;
        }
        return await store.SearchIndex.FinishSegmentAsync(job, segment, cancellation);
    }

    public async Task<bool> SegmentsAsync(
        Job job, SearchPlan plan, IReadOnlyList<SearchSegment> sources, Func<bool> isOver, CancellationToken cancellation)
    {
        var number = await store.SearchIndex.BeginSegmentAsync(
            job, sources[0].First, sources[^1].Last, sources.Sum(static segment => segment.Documents), [.. sources.Select(static segment => segment.Number)],
            cancellation);
        return number is { } segment && await MergeAsync(job, plan, segment, [.. sources.Select(static source => source.Number)], [], isOver, cancellation);
    }

    /// <summary>Goes on with a segment that was begun: one of others behind its last term; one of waiting terms, which is small, from the start.</summary>
    public async Task<bool> GoOnAsync(Job job, SearchPlan plan, SearchSegment begun, Func<bool> isOver, CancellationToken cancellation) =>
        begun.Sources.Count == 0
            ? await store.SearchIndex.DropSegmentAsync(job, begun.Number, cancellation)
            : await MergeAsync(job, plan, begun.Number, begun.Sources, await LastTermAsync(job.OrgId, begun.Number, cancellation), isOver, cancellation);

    private async Task<byte[]> LastTermAsync(string orgId, long segment, CancellationToken cancellation)
    {
        if (await store.SearchIndex.FindBlockAsync(orgId, segment, null, cancellation) is not { } block)
            return [];
        return LastTerm(block);

        static byte[] LastTerm(TermBlock block)
        {
            var entries = new TermEntries(block.First, block.Documents, block.Others.Span, stackalloc byte[TermEntries.LongestTerm]);
            while (entries.Read())
            {
            }
            return entries.Term.ToArray();
        }
    }

    /// <param name="sources">In the order of their documents.</param>
    private async Task<bool> MergeAsync(
        Job job, SearchPlan plan, long segment, IReadOnlyList<long> sources, byte[] after, Func<bool> isOver, CancellationToken cancellation)
    {
        var deleted = plan.Deleted.SelectMany(static block => DeletedDocuments.Read(block)).Select(static document => (uint)document).ToHashSet();
        SegmentReader[] readers = [.. sources.Select(source => new SegmentReader(store.SearchIndex, job.OrgId, source))];
        foreach (var reader in readers)
            await reader.StartAsync(after, cancellation);
        var batch = new BlockBatch(store, job, segment);
        var postings = new PostingsWriter();
        var having = new List<SegmentReader>(readers.Length);
        while (FindLeast(readers, having))
        {
            postings.Clear();
            foreach (var reader in having)
                PostingsCopy.Append(reader, deleted, postings);
            if (postings.Count > 0)
                batch.Add(having[0].Term, postings);
            foreach (var reader in having)
            {
                if (!reader.Advance())
                    await reader.FillAsync(cancellation);
            }
            if (!batch.IsFull)
                continue;
            if (!await batch.WriteAsync(cancellation))
                return false;
            if (isOver())
                return false;
        }
        return await batch.FlushAsync(cancellation) && await store.SearchIndex.FinishSegmentAsync(job, segment, cancellation);
    }

    /// <summary>Finds those that stand at the least term.</summary>
    /// <returns>False when all are at their end.</returns>
    private static bool FindLeast(SegmentReader[] readers, List<SegmentReader> having)
    {
        having.Clear();
        foreach (var reader in readers)
        {
            if (reader.IsAtEnd)
                continue;
            var order = having.Count == 0 ? 0 : reader.Term.SequenceCompareTo(having[0].Term);
            if (order > 0)
                continue;
            if (order < 0)
                having.Clear();
            having.Add(reader);
        }
        return having.Count > 0;
    }
}

/// <summary>Copies postings without documents that are gone.</summary>
internal static class PostingsCopy
{
    public static void Append(SegmentReader source, HashSet<uint> without, PostingsWriter into)
    {
        if (without.Count == 0)
        {
            into.Append(source.Postings);
            return;
        }
        var room = (int)source.Documents;
        var (documents, counts) = (ArrayPool<uint>.Shared.Rent(room), ArrayPool<ushort>.Shared.Rent(room));
        var length = Postings.Read(source.Postings, documents.AsSpan(0, room), counts);
        for (var i = 0; i < length; i++)
        {
            if (!without.Contains(documents[i]))
                into.Add(documents[i], counts[i]);
        }
        ArrayPool<uint>.Shared.Return(documents);
        ArrayPool<ushort>.Shared.Return(counts);
    }

    /// <summary>Whether one of the documents is among them.</summary>
    public static bool Names(SegmentReader source, HashSet<uint> some)
    {
        var room = (int)source.Documents;
        var (documents, counts) = (ArrayPool<uint>.Shared.Rent(room), ArrayPool<ushort>.Shared.Rent(room));
        var names = false;
        foreach (var document in documents.AsSpan(0, Postings.Read(source.Postings, documents.AsSpan(0, room), counts)))
            names |= some.Contains(document);
        ArrayPool<uint>.Shared.Return(documents);
        ArrayPool<ushort>.Shared.Return(counts);
        return names;
    }
}

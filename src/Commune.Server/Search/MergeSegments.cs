using System.Buffers;
using Commune.Ai.Search;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Makes segments: of terms that wait, and of segments that are about equally large.</summary>
internal sealed class MergeSegments(IStore store)
{
    private const int WaitingAtOnce = 4096;

    /// <summary>Makes a segment of the documents that have waited longest.</summary>
    public async Task<bool> WaitingAsync(Job job, SearchPlan plan, CancellationToken cancellation)
    {
        var waiting = await store.SearchIndex.ReadTailAsync(job.OrgId, plan.MergedTo, WaitingAtOnce, cancellation);
        if (waiting.Count == 0)
            return true;
        if (await store.SearchIndex.BeginSegmentAsync(job, waiting[0].Document, waiting[^1].Document, waiting.Count, [], cancellation) is not { } segment)
            return false;

        var inverted = Invert(waiting);
        inverted.Sort(static (left, right) => left.Term.AsSpan().SequenceCompareTo(right.Term));
        var batch = new TermBatch(store, job, segment);
        foreach (var (term, postings) in inverted)
        {
            if (!await batch.AddAsync(term, postings, cancellation))
                return false;
        }
        return await batch.FlushAsync(cancellation) && await store.SearchIndex.FinishSegmentAsync(job, segment, cancellation);
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
            : await MergeAsync(
                job, plan, begun.Number, begun.Sources, await store.SearchIndex.LastTermAsync(job.OrgId, begun.Number, cancellation), isOver, cancellation);

    /// <param name="sources">In the order of their documents.</param>
    private async Task<bool> MergeAsync(
        Job job, SearchPlan plan, long segment, IReadOnlyList<long> sources, byte[] after, Func<bool> isOver, CancellationToken cancellation)
    {
        var deleted = plan.Deleted.SelectMany(static block => DeletedDocuments.Read(block)).Select(static document => (uint)document).ToHashSet();
        SegmentReader[] readers = [.. sources.Select(source => new SegmentReader(store.SearchIndex, job.OrgId, source, after))];
        foreach (var reader in readers)
            await reader.StartAsync(cancellation);
        var batch = new TermBatch(store, job, segment);
        var postings = new PostingsWriter();
        while (Least(readers) is { } term)
        {
            postings.Clear();
            foreach (var reader in readers)
            {
                if (reader.Next is not { } next || !next.Term.AsSpan().SequenceEqual(term))
                    continue;
                PostingsCopy.Append(next, deleted, postings);
                await reader.AdvanceAsync(cancellation);
            }
            if (postings.Count > 0 && !await batch.AddAsync(term, postings, cancellation))
                return false;
            if (isOver())
                return await batch.FlushAsync(cancellation) && false;
        }
        return await batch.FlushAsync(cancellation) && await store.SearchIndex.FinishSegmentAsync(job, segment, cancellation);
    }

    private static byte[]? Least(SegmentReader[] readers)
    {
        byte[]? least = null;
        foreach (var reader in readers)
        {
            if (reader.Next is { } next && (least is null || next.Term.AsSpan().SequenceCompareTo(least) < 0))
                least = next.Term;
        }
        return least;
    }

    private static List<(byte[] Term, PostingsWriter Postings)> Invert(IReadOnlyList<(long Document, byte[] Terms)> waiting)
    {
        var inverted = new List<(byte[] Term, PostingsWriter Postings)>();
        var byTerm = new Dictionary<string, PostingsWriter>(StringComparer.Ordinal);
        var bySpan = byTerm.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (document, terms) in waiting)
        {
            DocumentTerms.Read(terms, (term, count) =>
            {
                // Latin-1 gives every byte a character: a name for the dictionary, not a text.
                Span<char> name = stackalloc char[term.Length];
                System.Text.Encoding.Latin1.GetChars(term, name);
                if (!bySpan.TryGetValue(name, out var postings))
                {
                    byTerm.Add(name.ToString(), postings = new PostingsWriter());
                    inverted.Add((term.ToArray(), postings));
                }
                postings.Add((uint)document, count);
            });
        }
        return inverted;
    }
}

/// <summary>Copies postings without documents that are gone.</summary>
internal static class PostingsCopy
{
    public static void Append(TermPostings source, HashSet<uint> without, PostingsWriter into)
    {
        var room = (int)source.Documents;
        var (documents, counts) = (ArrayPool<uint>.Shared.Rent(room), ArrayPool<ushort>.Shared.Rent(room));
        var length = Postings.Read(source.Postings.Span, documents.AsSpan(0, room), counts);
        for (var i = 0; i < length; i++)
        {
            if (without.Count == 0 || !without.Contains(documents[i]))
                into.Add(documents[i], counts[i]);
        }
        ArrayPool<uint>.Shared.Return(documents);
        ArrayPool<ushort>.Shared.Return(counts);
    }
}

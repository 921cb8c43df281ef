using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>The terms of one segment in order, a stretch at a time.</summary>
internal sealed class SegmentReader(ISearchIndexStore store, string orgId, long segment, byte[] after)
{
    private const int RowsAtOnce = 1000;
    private const long BytesAtOnce = 1024 * 1024;

    private readonly Queue<TermPostings> read = new();
    private byte[] last = after;
    private bool ended;

    /// <summary>The next term; null at the end.</summary>
    public TermPostings? Next => read.TryPeek(out var term) ? term : null;

    /// <summary>Makes <see cref="Next"/> the first term.</summary>
    public Task StartAsync(CancellationToken cancellation) => FillAsync(cancellation);

    public async Task AdvanceAsync(CancellationToken cancellation)
    {
        read.Dequeue();
        await FillAsync(cancellation);
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        if (read.Count > 0 || ended)
            return;
        var terms = await store.ReadTermsAsync(orgId, segment, last, RowsAtOnce, BytesAtOnce, cancellation);
        foreach (var term in terms)
            read.Enqueue(term);
        ended = terms.Count == 0;
        last = ended ? last : terms[^1].Term;
    }
}

using Commune.Ai.Search;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Terms on their way into a segment, in transactions that are short enough for mail to come in between.</summary>
internal sealed class TermBatch(IStore store, Job job, long segment)
{
    private const int MostTerms = 2000;
    private const long MostBytes = 512 * 1024;

    private readonly List<TermPostings> terms = [];
    private long bytes;

    public Task<bool> AddAsync(byte[] term, PostingsWriter postings, CancellationToken cancellation) =>
        AddAsync(new TermPostings(term, postings.Count, postings.Bytes.ToArray()), cancellation);

    /// <returns>False when the lease is lost.</returns>
    public async Task<bool> AddAsync(TermPostings term, CancellationToken cancellation)
    {
        terms.Add(term);
        bytes += term.Postings.Length + 64;
        return (terms.Count < MostTerms && bytes < MostBytes) || await FlushAsync(cancellation);
    }

    public async Task<bool> FlushAsync(CancellationToken cancellation)
    {
        if (terms.Count == 0)
            return true;
        var held = await store.SearchIndex.WriteTermsAsync(job, segment, [.. terms], cancellation);
        terms.Clear();
        bytes = 0;
        return held;
    }
}

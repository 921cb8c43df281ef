using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Indexes mail that was stored before there was an index, or whose vectors are of another model.</summary>
internal sealed class IndexOlderMail(IStore store, IndexMail index)
{
    private const int AtOnce = 100;

    public async Task<bool> RunAsync(Job job, string place, CancellationToken cancellation)
    {
        var (messages, last) = await store.SearchIndex.ReadUnindexedAsync(job.OrgId, place, index.Model, AtOnce, cancellation);
        return await store.SearchIndex.IndexAsync(job, [.. messages.Select(message => (message.Id, index.EntryOf(message)))], last, cancellation);
    }
}

using System.Collections.Concurrent;
using Commune.Ai.Search;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>The indexes that this node has in memory, up to a budget: the one that was not used for longest goes first.</summary>
internal sealed class SearchCache(IVectorSource vectors, long mostBytes)
{
    private readonly ConcurrentDictionary<string, OrganisationIndex> indexes = new(StringComparer.Ordinal);
    private long uses;

    public OrganisationIndex Get(string orgId)
    {
        var index = indexes.GetOrAdd(orgId, id => new OrganisationIndex(id, vectors.Model, vectors.Dimensions));
        index.LastUsed = Interlocked.Increment(ref uses);
        return index;
    }

    /// <summary>Lets go of what is beyond the budget, but never of the index that is in use.</summary>
    public void Trim(OrganisationIndex inUse)
    {
        var bytes = indexes.Values.Sum(static index => index.Bytes);
        foreach (var (orgId, index) in indexes.OrderBy(static pair => pair.Value.LastUsed))
        {
            if (bytes <= mostBytes)
                return;
            if (index == inUse || !indexes.TryRemove(orgId, out _))
                continue;
            bytes -= index.Bytes;
        }
    }

    /// <summary>Has every index hear of what was deleted, asked for or not, and forgets those of organisations that are gone.</summary>
    public async Task FollowAsync(IStore store, CancellationToken cancellation)
    {
        foreach (var (orgId, index) in indexes)
        {
            if (await store.Organisations.GetAsync(orgId, cancellation) is null)
                indexes.TryRemove(orgId, out _);
            else
                (await index.ReadAsync(store.Search, [], static (_, _) => [], cancellation)).Dispose();
        }
    }
}

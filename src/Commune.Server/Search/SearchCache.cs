using System.Collections.Concurrent;
using Commune.Ai.Search;

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

    public void Forget(string orgId) => indexes.TryRemove(orgId, out _);
}

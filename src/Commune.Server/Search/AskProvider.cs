using Commune.Storage;

namespace Commune.Server.Search;

/// <param name="Degraded">Why the provider's vectors do not rank, or not as they should; null when nothing is amiss.</param>
/// <param name="Lag">How many messages have no vector of the model of now.</param>
internal sealed record ProviderAnswer(string? Degraded, long Lag)
{
    public static ProviderAnswer None { get; } = new(null, 0);

    /// <summary>Whose vectors rank; null for the built-in ones.</summary>
    public string? Model { get; init; }

    /// <summary>The query, to be compared with the vectors in memory.</summary>
    public sbyte[]? Vector { get; init; }

    /// <summary>What an engine beside the store found instead.</summary>
    public NearestDocuments? Near { get; init; }
}

/// <summary>
/// Puts a query into the space of the provider's model, or, while its vectors are not complete, of the one before it. Without either the built-in
/// vectors rank.
/// </summary>
internal sealed class AskProvider(IStore store, EmbeddingProvider provider, Qdrant? qdrant = null)
{
    /// <summary>Neighbours that an engine beside the store is asked for; what is behind them is found by its words alone.</summary>
    private const int MostNeighbours = 2000;

    /// <param name="text">Null when the query has no meaning to compare.</param>
    /// <param name="inboxes">Null for all.</param>
    /// <param name="upTo">Later documents are not looked at.</param>
    public async Task<ProviderAnswer> AskAsync(
        OrganisationIndex index, IndexView view, string? text, IReadOnlyList<string>? inboxes, long upTo, CancellationToken cancellation)
    {
        var sets = await store.SearchVectors.ListSetsAsync(index.OrgId, cancellation);
        var lag = Math.Max(0, view.Documents - (sets.FirstOrDefault(set => set.Model.Id == provider.Model)?.Place.Place ?? 0));
        if (text is null || view.Documents == 0)
            return new ProviderAnswer(null, lag);
        if (RankingSet.Of(sets, provider.Model) is not { } set || provider.Of(set) is not { } model)
            return new ProviderAnswer("pending", lag);
        var (vector, trouble) = await model.OfQueryAsync(index.OrgId, text, cancellation);
        // A model that makes vectors of another length than it did is another model under the same name.
        if (vector is not null && set.Length > 0 && vector.Length != set.Length)
            (vector, trouble) = (null, "pending");
        if (vector is null)
            return new ProviderAnswer(model == provider.Current ? trouble : "pending", lag);

        string? degraded = null;
        if (qdrant is not null && await FindCopyAsync(qdrant, index.OrgId, set, cancellation) is { } copy)
        {
            if (await qdrant.NearestAsync(qdrant.CollectionOf(copy.Model, copy.Length), index.OrgId, vector, inboxes, upTo, MostNeighbours, cancellation) is { } found)
                return new ProviderAnswer(null, lag) { Model = set.Model.Id, Near = new NearestDocuments(found, copy.Place, found.Count >= MostNeighbours) };
            degraded = "engine_unavailable";
        }
        await index.FollowAsync(store.SearchVectors, set.Model.Id, cancellation);
        return new ProviderAnswer(degraded, lag) { Model = set.Model.Id, Vector = vector };
    }

    /// <summary>What Qdrant has of a set, once that is nearly all: before, vectors in memory tell more.</summary>
    private async Task<VectorMirror?> FindCopyAsync(Qdrant engine, string orgId, VectorSet set, CancellationToken cancellation) =>
        (await store.VectorMirrors.ListAsync(orgId, engine.Target, cancellation)).FirstOrDefault(mirror =>
            mirror.Model == set.Model.Id && mirror.Length == set.Length && mirror.Place > 0 && set.Place.Place - mirror.Place <= Math.Max(16, mirror.Place / 50));
}

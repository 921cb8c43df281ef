using Commune.Ai.Models;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>
/// The provider of vectors that the settings name: its model of now, and those that were named before, while the provider still answers for them.
/// </summary>
internal sealed class EmbeddingProvider : IDisposable
{
    /// <summary>Organisations change over one after the other; more names than these stand in no store that anybody looks after.</summary>
    private const int MostFormer = 8;

    private readonly EmbeddingOptions options;
    private readonly IModelBudget budget;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Dictionary<string, ProviderModel> former = new(StringComparer.Ordinal);

    public EmbeddingProvider(EmbeddingOptions options, IStore store, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        budget = DailyTokens.For(ModelWork.Embedding, options.DailyTokens, store, time);
        Current = new ProviderModel(options, options.Settings(TimeSpan.FromMinutes(1)) with { Dimensions = options.Dimensions }, budget, time);
    }

    public string Model => Current.Model.Id;

    public ProviderModel Current { get; }

    /// <summary>The model that a set of vectors is of; null when it was asked elsewhere, so that nobody can be asked now.</summary>
    public ProviderModel? Of(VectorSet set)
    {
        if (set.Model.Id == Model)
            return Current;
        if (set.Model.Endpoint != Current.Model.Endpoint)
            return null;
        lock (gate)
        {
            if (former.TryGetValue(set.Model.Id, out var known))
                return known;
            if (former.Count >= MostFormer)
                return null;
            var settings = options.Settings(TimeSpan.FromMinutes(1)) with { Model = set.Model.Name, Dimensions = set.Model.Dimensions == 0 ? null : set.Model.Dimensions };
            return former[set.Model.Id] = new ProviderModel(options, settings, budget, time);
        }
    }

    public void Dispose()
    {
        Current.Dispose();
        foreach (var model in former.Values)
            model.Dispose();
    }
}

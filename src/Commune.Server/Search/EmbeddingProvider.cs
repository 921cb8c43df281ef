using Commune.Ai.Models;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>The provider of vectors that the settings name: for mail with patience, for queries without.</summary>
internal sealed class EmbeddingProvider : IDisposable
{
    private const int MostKept = 1000;

    /// <summary>So long it is not asked about queries after it let one wait in vain.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly EmbeddingOptions options;
    private readonly TimeProvider time;
    private readonly ModelClient patient;
    private readonly ModelClient quick;
    private readonly HttpEmbeddingModel queries;
    private readonly Lock gate = new();
    private readonly Dictionary<(string OrgId, string Text), sbyte[]> kept = [];
    private DateTimeOffset restsUntil;

    public EmbeddingProvider(EmbeddingOptions options, IStore store, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        var budget = DailyTokens.For(ModelWork.Embedding, options.DailyTokens, store, time);
        patient = new ModelClient(options.Settings(TimeSpan.FromMinutes(1)), budget, time);
        quick = new ModelClient(options.Settings(TimeSpan.FromMinutes(1)) with { Attempts = 1 }, budget, time);
        Mail = new HttpEmbeddingModel(patient);
        queries = new HttpEmbeddingModel(quick);
    }

    public string Model => Mail.ModelId;

    public HttpEmbeddingModel Mail { get; }

    /// <returns>The vector, or the class of the reason why there is none.</returns>
    public async Task<(sbyte[]? Vector, string? Trouble)> OfQueryAsync(string orgId, string text, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (kept.TryGetValue((orgId, text), out var known))
                return (known, null);
            if (time.GetUtcNow() < restsUntil)
                return (null, "timeout");
        }
        using var limit = new CancellationTokenSource(options.TimeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            switch (await queries.EmbedAsync(orgId, [text], either.Token))
            {
                case EmbeddingResult.Ok ok:
                    return (Keep(orgId, text, ProviderVectors.Pack(ok.Vectors[0])), null);
                case EmbeddingResult.Refused:
                    return (null, "refused");
                default:
                    return (null, "unavailable");
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            lock (gate)
                restsUntil = time.GetUtcNow() + Rest;
            return (null, "timeout");
        }
    }

    private sbyte[] Keep(string orgId, string text, sbyte[] vector)
    {
        lock (gate)
        {
            if (kept.Count >= MostKept)
                kept.Clear();
            kept[(orgId, text)] = vector;
        }
        return vector;
    }

    public void Dispose()
    {
        patient.Dispose();
        quick.Dispose();
    }
}

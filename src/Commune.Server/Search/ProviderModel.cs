using Commune.Ai.Models;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>One model of the provider: for mail with patience, for queries without.</summary>
internal sealed class ProviderModel : IDisposable
{
    private const int MostKept = 1000;

    /// <summary>So long it is not asked about queries after it let one wait in vain.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly TimeSpan limit;
    private readonly TimeProvider time;
    private readonly ModelClient patient;
    private readonly ModelClient quick;
    private readonly HttpEmbeddingModel queries;
    private readonly Lock gate = new();
    private readonly Dictionary<(string OrgId, string Text), sbyte[]> kept = [];
    private DateTimeOffset restsUntil;

    public ProviderModel(EmbeddingOptions options, ModelSettings settings, IModelBudget budget, TimeProvider time)
    {
        (limit, this.time) = (options.TimeLimit, time);
        patient = new ModelClient(settings, budget, time);
        quick = new ModelClient(settings with { Attempts = 1 }, budget, time);
        Mail = new HttpEmbeddingModel(patient);
        queries = new HttpEmbeddingModel(quick);
        Model = new VectorModel(Mail.ModelId, EndpointOf(settings), settings.Model, settings.Dimensions ?? 0);
    }

    public VectorModel Model { get; }

    public HttpEmbeddingModel Mail { get; }

    /// <summary>For mail that need not wait for a model which does not answer at once.</summary>
    public HttpEmbeddingModel Impatient => queries;

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
        using var limited = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limited.Token);
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

    /// <summary>Without what may be secret in a URL.</summary>
    private static string EndpointOf(ModelSettings settings) =>
        $"{settings.Provider.ToString().ToLowerInvariant()} {settings.Endpoint.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/')}";

    public void Dispose()
    {
        patient.Dispose();
        quick.Dispose();
    }
}

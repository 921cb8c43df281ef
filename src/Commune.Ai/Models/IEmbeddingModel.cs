namespace Commune.Ai.Models;

/// <summary>Turns texts into vectors of one length, in which near means alike.</summary>
public interface IEmbeddingModel
{
    /// <summary>Names the model and its version: vectors of different ids must not be compared.</summary>
    string ModelId { get; }

    /// <summary>One vector for each text, in their order; what the other side does wrong is a result, never an exception.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    Task<EmbeddingResult> EmbedAsync(string orgId, IReadOnlyList<string> texts, CancellationToken ct);
}

/// <summary>What became of a call of <see cref="IEmbeddingModel"/>.</summary>
public abstract record EmbeddingResult
{
    private EmbeddingResult()
    {
    }

    /// <summary>As many vectors as there were texts, all of one length, every number finite.</summary>
    public sealed record Ok(IReadOnlyList<float[]> Vectors, ModelUsage Usage) : EmbeddingResult;

    /// <summary>Not asked, or not answered, and asking again would not help: the budget is spent, the key is not accepted, the request is not understood.</summary>
    public sealed record Refused(string Reason) : EmbeddingResult;

    /// <summary>The other side could not be reached or answered nonsense, after all attempts; a later call may do better.</summary>
    public sealed record Failed(string Reason) : EmbeddingResult;
}

namespace Commune.Ai.Extraction;

/// <summary>Fills an inbox's schema from a mail.</summary>
public interface IExtractor
{
    /// <summary>How values are found: <c>builtin</c>, or the kind of provider that runs the model.</summary>
    string Method { get; }

    /// <summary>The model that is asked; null when none is.</summary>
    string? Model { get; }

    /// <summary>Fills the schema. What goes wrong is a status of the result; only a cancellation is thrown.</summary>
    Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken ct);
}

using System.Collections.Immutable;
using Commune.Ai.Extraction;

namespace Commune.Server.Extraction;

/// <summary>Stands where extraction is switched off (<c>Commune__Extraction__Provider=none</c>).</summary>
internal sealed class NoExtractor : IExtractor
{
    public string Method => ExtractionOptions.None;

    public string? Model => null;

    public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken ct) => Task.FromResult(new ExtractionResult(
        ExtractionStatus.Disabled, null, ImmutableDictionary<string, FieldEvidence>.Empty, ImmutableDictionary<string, FieldEvidence?>.Empty,
        ["Extraction is switched off on this server (Commune__Extraction__Provider)."]));
}

using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Reading;

namespace Commune.Ai.Extraction.Builtin;

/// <summary>
/// Fills a schema by rules: labels, tables, forms of values, words for wishes. The same mail and schema give the same result everywhere;
/// nothing leaves the program. What is not found is absent. Time is linear in the length of the mail, of which
/// the first 200,000 characters are read, and in the number of properties, of which 400 are.
/// </summary>
public sealed class BuiltinExtractor : IExtractor
{
    /// <inheritdoc/>
    public string Method => "builtin";

    /// <inheritdoc/>
    public string? Model => null;

    /// <inheritdoc/>
    public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ct.ThrowIfCancellationRequested();
        if (FieldReader.Read(request.Schema.Schema) is not { } root)
            return Task.FromResult(Empty(ExtractionStatus.Failed, "The schema has no properties: it must be a JSON Schema of type object with properties."));
        var names = new HashSet<string>(StringComparer.Ordinal);
        FieldReader.Collect(root, names);
        var filling = new Filling(new MailReading(request.Mail, names), request.Mail, ct);
        return Task.FromResult(filling.Fill(root));
    }

    private static ExtractionResult Empty(ExtractionStatus status, string error) =>
        new(status, null, new Dictionary<string, FieldEvidence>(StringComparer.Ordinal), new Dictionary<string, FieldEvidence?>(StringComparer.Ordinal), [error]);
}

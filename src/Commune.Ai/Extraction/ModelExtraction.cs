using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Commune.Ai.JsonSchema;
using Commune.Ai.Models;

namespace Commune.Ai.Extraction;

/// <summary>
/// Has a language model fill the schema: in the strict form, checked against the user's schema, with one chance to mend the answer. What it says is
/// believed as far as the mail has the words.
/// </summary>
/// <param name="method">The kind of provider, as results name it.</param>
public sealed class ModelExtraction(IChatModel model, string method) : IExtractor
{
    private static readonly ImmutableDictionary<string, FieldEvidence> NoFields = ImmutableDictionary<string, FieldEvidence>.Empty;

    public string Method => method;

    public string? Model => model.ModelName;

    public async Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!CompiledSchema.TryRead(request.Schema.Schema, SchemaCheck.Options, out var schema, out var problems))
            return Nothing(ExtractionStatus.Failed, [.. problems.Take(10).Select(static problem => $"The schema at {problem.Path}: {problem.Message}.")]);
        var twin = StrictTwin.Of(request.Schema.Schema);
        var (first, refusal) = await AskAsync(request, ModelPrompt.Ask(request, twin), ct);
        if (first is null)
            return refusal!;
        var (answer, errors) = Read(first, twin, schema);
        if (errors.Count > 0)
        {
            var (second, _) = await AskAsync(request, ModelPrompt.AskAgain(request, twin, first, errors), ct);
            if (second is not null && Read(second, twin, schema) is { Answer: not null } mended && (answer is null || mended.Errors.Count <= errors.Count))
                answer = mended.Answer;
        }

        return answer is null
            ? Nothing(ExtractionStatus.Failed, "The model did not answer in the form that it was asked for.")
            : Finish(request, schema, answer);
    }

    private async Task<(string? Text, ExtractionResult? Refusal)> AskAsync(ExtractionRequest request, ChatRequest question, CancellationToken ct) =>
        await model.CompleteAsync(request.OrgId, question, ct) switch
        {
            ChatResult.Ok ok => (ok.Text, null),
            ChatResult.Refused refused => (null, Nothing(ExtractionStatus.Refused, refused.Reason) with { IsBudgetSpent = refused.IsBudgetSpent }),
            ChatResult.Failed failed => (null, Nothing(ExtractionStatus.Failed, failed.Reason)),
            _ => (null, Nothing(ExtractionStatus.Failed, "The model gave no answer.")),
        };

    /// <summary>The answer, and what a second one should mend: that a mail does not give a required value is no mistake of the model.</summary>
    private static (ModelAnswer? Answer, IReadOnlyList<string> Errors) Read(string text, StrictTwin twin, CompiledSchema schema)
    {
        if (ModelAnswer.Read(text, twin) is not { } answer)
            return (null, ["The answer is not a JSON object with values and quotes."]);
        var errors = schema.Validate(answer.Values).Errors.Where(static error => !IsAbsence(error)).Select(static error => error.ToString()).ToList();
        return (answer, errors);
    }

    private static ExtractionResult Finish(ExtractionRequest request, CompiledSchema schema, ModelAnswer answer)
    {
        var notes = new List<string>();
        var data = ConformingData.Of(answer.Values, schema, notes);
        var check = new EvidenceCheck(new QuoteIndex(request.Mail), new QuoteTrust(request.Mail, request.Schema.Schema), answer.Quotes);
        check.Check(data, request.Schema.Schema);
        // What went for lack of evidence may have been needed by what is left.
        data = ConformingData.Of(data, schema, notes);
        var left = schema.Validate(data).Errors;
        notes.AddRange(left.Select(static error => $"{Path(error)}: {error.Message}"));
        var fields = check.Fields.Where(field => Has(data, field.Key)).ToDictionary(StringComparer.Ordinal);
        return new ExtractionResult(
            notes.Count == 0 ? ExtractionStatus.Ok : ExtractionStatus.Partial,
            data.Count == 0 ? null : data, fields, check.Unverified, [.. notes.Distinct(StringComparer.Ordinal).Take(50)]);
    }

    private static string Path(SchemaError error) => error.InstancePath.Length == 0 ? "The whole" : error.InstancePath[1..];

    internal static bool IsAbsence(SchemaError error) =>
        error.SchemaPath.EndsWith("/required", StringComparison.Ordinal) || error.SchemaPath.Contains("/dependentRequired/", StringComparison.Ordinal);

    private static bool Has(JsonNode data, string path)
    {
        JsonNode? at = data;
        foreach (var token in path.Split('/').Select(JsonPointer.Unescape))
        {
            at = at switch
            {
                JsonObject inner => inner[token],
                JsonArray list when int.TryParse(token, out var index) && index < list.Count => list[index],
                _ => null,
            };
        }

        return at is not null;
    }

    private static ExtractionResult Nothing(ExtractionStatus status, params IReadOnlyList<string> errors) =>
        new(status, null, NoFields, ImmutableDictionary<string, FieldEvidence?>.Empty, errors);
}

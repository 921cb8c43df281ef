using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Commune.Ai.Extraction;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Extraction;

/// <summary><c>metadata.extraction</c>: how the data was found, and how that ended.</summary>
/// <param name="Status"><c>ok</c>, <c>partial</c>, <c>failed</c>, <c>refused</c> or <c>disabled</c>.</param>
/// <param name="Method"><c>builtin</c>, or the kind of provider that runs the model.</param>
/// <param name="SchemaVersion">Counts the changes of the inbox's schema; 0 for one that was given with the request.</param>
public sealed record ExtractionInfo(
    string Status, string Method, string? Model, string SchemaName, int SchemaVersion, string At, IReadOnlyDictionary<string, EvidenceResponse> Fields,
    IReadOnlyDictionary<string, EvidenceResponse?> Unverified, IReadOnlyList<string> Errors);

/// <param name="Start">In the subject, a line feed and the text; -1 when the quote is not in there.</param>
public sealed record EvidenceResponse(
    string Quote, int Start, int End, double Confidence, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Source)
{
    public static EvidenceResponse Of(FieldEvidence evidence) => new(
        evidence.Quote, evidence.Start, evidence.End, evidence.Confidence,
        evidence.Source == EvidenceSource.Text ? null : evidence.Source.ToString().ToLowerInvariant());
}

/// <summary>What one extraction came to.</summary>
public sealed record ExtractionOutcome(JsonObject? Data, ExtractionInfo Info)
{
    /// <summary>Data beyond this is left out of the event; the message has it.</summary>
    private const int LargestInEvent = 4096;

    /// <summary>The message has what its schema asks for, or all of it that there is.</summary>
    [JsonIgnore]
    public bool Succeeded => Info.Status is "ok" or "partial";

    /// <summary>The organisation's tokens of the day do not do for it.</summary>
    [JsonIgnore]
    public bool IsBudgetSpent { get; private init; }

    internal static ExtractionOutcome Of(ExtractionResult result, IExtractor extractor, ExtractionSchema schema, long at) => new(
        result.Data,
        new ExtractionInfo(
            result.Status.ToString().ToLowerInvariant(), extractor.Method, extractor.Model, schema.Name, schema.Version, ApiJson.Time(at),
            result.Fields.ToDictionary(static field => field.Key, static field => EvidenceResponse.Of(field.Value), StringComparer.Ordinal),
            result.Unverified.ToDictionary(static field => field.Key, static field => field.Value is { } evidence ? EvidenceResponse.Of(evidence) : null, StringComparer.Ordinal),
            result.Errors)) { IsBudgetSpent = result.IsBudgetSpent };

    internal MessageExtraction For(MailMessage message)
    {
        var data = Data?.ToJsonString(ApiJson.Options);
        var tell = new
        {
            status = Info.Status,
            method = Info.Method,
            model = Info.Model,
            schema_name = Info.SchemaName,
            schema_version = Info.SchemaVersion,
            extracted_data = data is { Length: > LargestInEvent } ? null : Data,
            data_left_out = data is { Length: > LargestInEvent },
        };
        return new MessageExtraction(
            message.OrgId, message.Id, data, JsonSerializer.Serialize(Info, ApiJson.Options), JsonSerializer.Serialize(tell, ApiJson.Options)) { IsFailure = !Succeeded };
    }
}

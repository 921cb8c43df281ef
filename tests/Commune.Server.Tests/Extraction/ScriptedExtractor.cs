using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Commune.Ai.Extraction;

namespace Commune.Server.Tests.Extraction;

/// <summary>Finds the first A-number of the text, where a test tells it nothing else.</summary>
internal sealed class ScriptedExtractor : IExtractor
{
    private Func<ExtractionRequest, CancellationToken, Task<ExtractionResult>> script = static (request, _) => Task.FromResult(Find(request));
    private int count;

    public string Method => "scripted";

    public string? Model => "script-1";

    public int Count => count;

    public void On(Func<ExtractionRequest, CancellationToken, Task<ExtractionResult>> answer) => script = answer;

    public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken ct)
    {
        Interlocked.Increment(ref count);
        return script(request, ct);
    }

    public static ExtractionResult Find(ExtractionRequest request)
    {
        var visible = request.Mail.Visible;
        var at = visible.IndexOf("A-", StringComparison.Ordinal);
        if (at < 0)
            return Result(ExtractionStatus.Partial, null, "order_id: not found");
        var quote = visible.Substring(at, 4);
        return Result(ExtractionStatus.Ok, new JsonObject { ["order_id"] = quote }) with
        {
            Fields = ImmutableDictionary<string, FieldEvidence>.Empty.Add("order_id", new FieldEvidence(quote, at, at + 4, 0.9)),
        };
    }

    public static ExtractionResult Result(ExtractionStatus status, JsonObject? data, params string[] errors) => new(
        status, data, ImmutableDictionary<string, FieldEvidence>.Empty, ImmutableDictionary<string, FieldEvidence?>.Empty, errors);
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commune.Ai.JsonSchema;

/// <summary>A JSON Schema of draft 2020-12, read once and applied to any number of values.</summary>
public sealed class CompiledSchema
{
    private readonly SchemaNode root;

    private CompiledSchema(SchemaNode root) => this.root = root;

    /// <summary>False when the schema is not one; <paramref name="problems"/> then say where and what to do.</summary>
    public static bool TryRead(
        JsonElement schema, SchemaOptions options, [NotNullWhen(true)] out CompiledSchema? compiled, out IReadOnlyList<SchemaProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(options);
        var reader = new SchemaReader(options);
        var top = reader.Read(schema);
        problems = reader.Problems;
        compiled = top is not null && problems.Count == 0 ? new CompiledSchema(top) : null;
        return compiled is not null;
    }

    public SchemaResult Validate(JsonElement instance)
    {
        var evaluation = new Evaluation();
        var valid = root.Evaluate(evaluation, JsonData.Of(instance), "", "", outer: null);
        if (evaluation.LimitReached)
            return new SchemaResult([new SchemaError("", "", "could not be checked: the schema asks for too much work")], LimitReached: true);
        return new SchemaResult(valid ? [] : evaluation.Errors, LimitReached: false);
    }

    public SchemaResult Validate(JsonNode? instance) => Validate(JsonSerializer.SerializeToElement(instance));
}

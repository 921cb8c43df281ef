using System.Text.Json;

namespace Commune.Ai.JsonSchema;

/// <summary>Looks at a schema before it is kept: that it is one, and describes an object with properties.</summary>
public static class SchemaCheck
{
    /// <summary>How schemas of inboxes are read everywhere: a format that is named is meant.</summary>
    public static SchemaOptions Options { get; } = new() { AssertFormats = true };

    /// <summary>What is wrong and what to do about it; empty for a schema that can be used.</summary>
    public static IReadOnlyList<SchemaProblem> Problems(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return [new SchemaProblem("", "must be a JSON Schema object with type \"object\" and properties")];
        if (!CompiledSchema.TryRead(schema, Options, out _, out var problems))
            return problems;
        var list = new List<SchemaProblem>();
        if (!schema.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() != "object")
            list.Add(new SchemaProblem("/type", "must be \"object\": extracted data is always an object"));
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
            list.Add(new SchemaProblem("/properties", "must be an object that names the fields to extract"));
        return list;
    }
}

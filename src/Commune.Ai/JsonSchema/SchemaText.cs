using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Commune.Ai.JsonSchema;

/// <summary>Looks over a schema before it is read: that it is no larger than we take, and its text is text.</summary>
internal static class SchemaText
{
    public static bool IsBounded(JsonElement schema, [NotNullWhen(false)] out SchemaProblem? problem)
    {
        problem = schema.ValueKind == JsonValueKind.Undefined ? new SchemaProblem("", "is missing")
            : Encoding.UTF8.GetByteCount(schema.GetRawText()) > SchemaLimits.Bytes
                ? new SchemaProblem("", $"is larger than {SchemaLimits.Bytes / 1024} KB: leave out what the fields do not need")
            : Look(schema, "", 1);
        return problem is null;
    }

    private static SchemaProblem? Look(JsonElement value, string path, int depth)
    {
        if (depth > SchemaLimits.Depth)
            return new SchemaProblem(path, $"lies deeper than {SchemaLimits.Depth} levels: put it under $defs and refer to it");
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return IsText(value) ? null : new SchemaProblem(path, "holds half of a surrogate pair, which is no character");
            case JsonValueKind.Array:
                return value.EnumerateArray().Select((item, index) => Look(item, JsonPointer.Append(path, index), depth + 1)).FirstOrDefault(static found => found is not null);
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (!TryName(member, out var name))
                        return new SchemaProblem(path, "has a name with half of a surrogate pair, which is no character");
                    if (Look(member.Value, JsonPointer.Append(path, name), depth + 1) is { } found)
                        return found;
                }

                return null;
            default:
                return null;
        }
    }

    private static bool IsText(JsonElement value)
    {
        try
        {
            value.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool TryName(JsonProperty member, [NotNullWhen(true)] out string? name)
    {
        try
        {
            name = member.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            name = null;
            return false;
        }
    }
}

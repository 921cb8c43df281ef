using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commune.Server.Tests.Running;

/// <summary>Compares JSON with the schema that describes it: types, words, members that must be there, and members that nobody described.</summary>
internal static class SchemaCheck
{
    public static JsonObject Resolve(JsonObject schema, JsonObject components) =>
        schema["$ref"] is { } reference ? components[((string)reference!)["#/components/schemas/".Length..]]!.AsObject() : schema;

    /// <returns>What differs; empty when nothing does.</returns>
    public static IReadOnlyList<string> Problems(JsonNode? value, JsonObject schema, JsonObject components) => [.. Compare(value, schema, components, "$")];

    private static IEnumerable<string> Compare(JsonNode? value, JsonObject schema, JsonObject components, string path)
    {
        schema = Resolve(schema, components);
        if (schema["anyOf"] is JsonArray choices)
        {
            var all = choices.Select(choice => Compare(value, choice!.AsObject(), components, path).ToList()).ToList();
            return all.Exists(static problems => problems.Count == 0) ? [] : all.MinBy(static problems => problems.Count)!;
        }
        if (schema["allOf"] is JsonArray parts)
        {
            var whole = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject(), ["required"] = new JsonArray() };
            foreach (var part in parts.Select(part => Resolve(part!.AsObject(), components)))
            {
                foreach (var (name, member) in part["properties"]!.AsObject())
                    whole["properties"]![name] = member!.DeepClone();
                foreach (var name in (part["required"] as JsonArray) ?? [])
                    whole["required"]!.AsArray().Add(name!.DeepClone());
            }
            return Compare(value, whole, components, path);
        }
        if (TypeProblem(value, schema) is { } problem)
            return [$"{path}: {problem}"];
        if (schema["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
            return [$"{path}: {value} is not one of {words.ToJsonString()}"];
        return value switch
        {
            JsonObject members => Members(members, schema, components, path),
            JsonArray items when schema["items"] is JsonObject item => items.SelectMany((one, i) => Compare(one, item, components, $"{path}[{i}]")),
            _ => [],
        };
    }

    private static IEnumerable<string> Members(JsonObject value, JsonObject schema, JsonObject components, string path)
    {
        foreach (var name in ((schema["required"] as JsonArray) ?? []).Select(static name => (string)name!).Where(name => !value.ContainsKey(name)))
            yield return $"{path}.{name} is missing";
        if (schema["properties"] is not JsonObject properties)
            yield break;
        foreach (var (name, member) in value)
        {
            if (properties[name] is not JsonObject described)
            {
                yield return $"{path}.{name} is not described";
                continue;
            }
            foreach (var problem in Compare(member, described, components, $"{path}.{name}"))
                yield return problem;
        }
    }

    private static string? TypeProblem(JsonNode? value, JsonObject schema)
    {
        IReadOnlyList<string> types = schema["type"] switch
        {
            JsonArray several => [.. several.Select(static type => (string)type!)],
            JsonValue one => [(string)one!],
            _ => [],
        };
        var kind = value?.GetValueKind() ?? JsonValueKind.Null;
        var found = kind switch
        {
            JsonValueKind.Null => "null",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.Number => "number",
            JsonValueKind.String => "string",
            JsonValueKind.Array => "array",
            _ => "object",
        };
        return types.Count == 0 || types.Contains(found, StringComparer.Ordinal) || (found == "number" && types.Contains("integer", StringComparer.Ordinal))
            ? null : $"is {found}, described as {string.Join(" or ", types)}";
    }
}

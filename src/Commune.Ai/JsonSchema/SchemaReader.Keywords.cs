using System.Text.Json;
using System.Text.RegularExpressions;
using Commune.Ai.JsonSchema.Keywords;

namespace Commune.Ai.JsonSchema;

/// <content>What each keyword takes.</content>
internal sealed partial class SchemaReader
{
    private static readonly HashSet<string> Types = new(StringComparer.Ordinal) { "null", "boolean", "object", "array", "number", "string", "integer" };

    private void ReadKeywords(SchemaNode node, JsonElement schema)
    {
        foreach (var keyword in (ReadOnlySpan<string>)["$ref", "$dynamicRef"])
        {
            if (schema.TryGetProperty(keyword, out var reference))
                AddReference(node, keyword, reference);
        }

        var dialect = node.Resource.Dialect;
        foreach (var holder in (ReadOnlySpan<string>)["$defs", "definitions"])
        {
            if (schema.TryGetProperty(holder, out _))
                SchemaMap(node, schema, holder);
        }

        if (dialect.Validation)
            ReadAssertions(node, schema);
        ReadFormat(node, schema);
        if (dialect.Applicators)
            ReadApplicators(node, schema);
        if (dialect.Unevaluated)
            ReadUnevaluated(node, schema);
    }

    private void ReadAssertions(SchemaNode node, JsonElement schema)
    {
        if (schema.TryGetProperty("type", out var type))
            ReadType(node, type);
        if (schema.TryGetProperty("const", out var constant))
            node.Keywords.Add(new EnumKeyword("const", [JsonData.Of(constant)]));
        if (schema.TryGetProperty("enum", out var allowed))
        {
            if (allowed.ValueKind != JsonValueKind.Array)
                Problem(node, "enum", "must be an array of the values that are allowed");
            else
                node.Keywords.Add(new EnumKeyword("enum", [.. allowed.EnumerateArray().Select(JsonData.Of)]));
        }

        foreach (var (keyword, sign, exclusive) in ((string, int, bool)[])
            [("minimum", 1, false), ("maximum", -1, false), ("exclusiveMinimum", 1, true), ("exclusiveMaximum", -1, true)])
        {
            if (!schema.TryGetProperty(keyword, out var bound))
                continue;
            if (bound.ValueKind != JsonValueKind.Number)
                Problem(node, keyword, "must be a number");
            else
                node.Keywords.Add(new BoundKeyword(keyword, JsonData.Of(bound), sign, exclusive));
        }

        if (schema.TryGetProperty("multipleOf", out var divisor))
        {
            if (divisor.ValueKind != JsonValueKind.Number || !ExactNumber.Parse(divisor.GetRawText()).IsPositive)
                Problem(node, "multipleOf", "must be a number greater than zero");
            else
                node.Keywords.Add(new MultipleOfKeyword(JsonData.Of(divisor)));
        }

        foreach (var (keyword, kind, sign) in ((string, JsonValueKind, int)[])
            [("minLength", JsonValueKind.String, 1), ("maxLength", JsonValueKind.String, -1), ("minItems", JsonValueKind.Array, 1),
             ("maxItems", JsonValueKind.Array, -1), ("minProperties", JsonValueKind.Object, 1), ("maxProperties", JsonValueKind.Object, -1)])
        {
            if (Count(node, schema, keyword) is { } bound)
                node.Keywords.Add(new CountKeyword(keyword, kind, bound.Number, bound.Text, sign));
        }

        if (schema.TryGetProperty("pattern", out var pattern) && Pattern(node, "pattern", pattern) is { } regex)
            node.Keywords.Add(new PatternKeyword(pattern.GetString()!, regex));
        if (schema.TryGetProperty("uniqueItems", out var unique))
        {
            if (unique.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                Problem(node, "uniqueItems", "must be true or false");
            else if (unique.ValueKind == JsonValueKind.True)
                node.Keywords.Add(new UniqueItemsKeyword());
        }

        if (schema.TryGetProperty("required", out var required) && Names(node, "required", required) is { } names)
            node.Keywords.Add(new RequiredKeyword(names));
        if (schema.TryGetProperty("dependentRequired", out _))
            ReadDependencies(node, schema, "dependentRequired");
    }

    private void ReadType(SchemaNode node, JsonElement type)
    {
        var names = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToList() : [type];
        if (names.Count == 0 || names.Exists(static name => name.ValueKind != JsonValueKind.String || !Types.Contains(name.GetString()!)))
            Problem(node, "type", "must be string, number, integer, boolean, object, array or null, or an array of these");
        else
            node.Keywords.Add(new TypeKeyword([.. names.Select(static name => name.GetString()!)]));
    }

    private void ReadFormat(SchemaNode node, JsonElement schema)
    {
        if (!schema.TryGetProperty("format", out var format))
            return;
        if (format.ValueKind != JsonValueKind.String)
            Problem(node, "format", "must be the name of a format, such as date or email");
        else if (node.Resource.Dialect.AssertFormats && Formats.Find(format.GetString()!) is { } check)
            node.Keywords.Add(new FormatKeyword(format.GetString()!, check));
    }

    private void ReadApplicators(SchemaNode node, JsonElement schema)
    {
        foreach (var keyword in (ReadOnlySpan<string>)["allOf", "anyOf", "oneOf"])
        {
            if (SchemaList(node, schema, keyword) is not { } list)
                continue;
            node.Keywords.Add(keyword == "allOf" ? new AllOfKeyword(list) : new ChoiceKeyword(keyword, list, exactlyOne: keyword == "oneOf"));
        }

        if (Subschema(node, schema, "not") is { } not)
            node.Keywords.Add(new NotKeyword(not));
        var (then, otherwise) = (Subschema(node, schema, "then"), Subschema(node, schema, "else"));
        if (Subschema(node, schema, "if") is { } condition)
            node.Keywords.Add(new ConditionKeyword(condition, then, otherwise));
        ReadObjectApplicators(node, schema);
        ReadArrayApplicators(node, schema);
    }

    private void ReadObjectApplicators(SchemaNode node, JsonElement schema)
    {
        var properties = SchemaMap(node, schema, "properties");
        var patterns = new List<(string, Regex, SchemaNode)>();
        foreach (var (source, target) in SchemaMap(node, schema, "patternProperties"))
        {
            if (EcmaPattern.TryRead(source, out var regex, out var problem))
                patterns.Add((source, regex, target));
            else
                Problem(target, "", "stands under a pattern that " + problem);
        }

        var additional = Subschema(node, schema, "additionalProperties");
        if (properties.Count > 0 || patterns.Count > 0 || additional is not null)
            node.Keywords.Add(new PropertiesKeyword(properties, patterns, additional));
        if (Subschema(node, schema, "propertyNames") is { } names)
            node.Keywords.Add(new PropertyNamesKeyword(names));
        if (SchemaMap(node, schema, "dependentSchemas") is { Count: > 0 } dependent)
            node.Keywords.Add(new DependentSchemasKeyword("dependentSchemas", dependent));
        if (schema.TryGetProperty("dependencies", out _))
            ReadDependencies(node, schema, "dependencies");
    }

    /// <summary><c>dependentRequired</c>, or <c>dependencies</c> of earlier drafts, whose values are names or schemas.</summary>
    private void ReadDependencies(SchemaNode node, JsonElement schema, string keyword)
    {
        var value = schema.GetProperty(keyword);
        if (value.ValueKind != JsonValueKind.Object)
        {
            Problem(node, keyword, "must be an object from a member's name to the names of those that must then be there");
            return;
        }

        var needs = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var schemas = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (keyword == "dependencies" && member.Value.ValueKind != JsonValueKind.Array)
                schemas[member.Name] = ReadNode(member.Value, JsonPointer.Append(node.Pointer + "/dependencies", member.Name), node.Resource);
            else if (Names(node, keyword, member.Value) is { } names)
                needs[member.Name] = names;
        }

        node.Keywords.Add(new DependentRequiredKeyword(keyword, needs));
        if (schemas.Count > 0)
            node.Keywords.Add(new DependentSchemasKeyword(keyword, schemas));
    }

    private void ReadArrayApplicators(SchemaNode node, JsonElement schema)
    {
        var prefix = SchemaList(node, schema, "prefixItems");
        if (schema.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array)
        {
            Problem(node, "items", "must be one schema for all items; for a schema per position write prefixItems");
            return;
        }

        var rest = Subschema(node, schema, "items");
        if (prefix is not null || rest is not null)
            node.Keywords.Add(new ItemsKeyword(prefix ?? [], rest));
        if (Subschema(node, schema, "contains") is not { } contains)
            return;
        var validation = node.Resource.Dialect.Validation;
        var least = validation ? Count(node, schema, "minContains") : null;
        var most = validation ? Count(node, schema, "maxContains") : null;
        node.Keywords.Add(new ContainsKeyword(contains, least?.Number ?? ExactNumber.Of(1), least?.Text ?? "1", most?.Number, most?.Text));
    }

    private void ReadUnevaluated(SchemaNode node, JsonElement schema)
    {
        if (Subschema(node, schema, "unevaluatedProperties") is { } properties)
            node.Keywords.Add(new UnevaluatedPropertiesKeyword(properties));
        if (Subschema(node, schema, "unevaluatedItems") is { } items)
            node.Keywords.Add(new UnevaluatedItemsKeyword(items));
        node.AsksForEvaluated = node.Keywords.Exists(static keyword => keyword is UnevaluatedPropertiesKeyword or UnevaluatedItemsKeyword);
    }

    private SchemaNode? Subschema(SchemaNode node, JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var value) ? ReadNode(value, JsonPointer.Append(node.Pointer, keyword), node.Resource) : null;

    private IReadOnlyList<SchemaNode>? SchemaList(SchemaNode node, JsonElement schema, string keyword)
    {
        if (!schema.TryGetProperty(keyword, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            Problem(node, keyword, "must be an array of one or more schemas");
            return null;
        }

        return [.. value.EnumerateArray().Select((item, index) => ReadNode(item, $"{node.Pointer}/{keyword}/{index}", node.Resource))];
    }

    private Dictionary<string, SchemaNode> SchemaMap(SchemaNode node, JsonElement schema, string keyword)
    {
        var map = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        if (!schema.TryGetProperty(keyword, out var value))
            return map;
        if (value.ValueKind != JsonValueKind.Object)
        {
            Problem(node, keyword, "must be an object from names to schemas");
            return map;
        }

        foreach (var member in value.EnumerateObject())
            map[member.Name] = ReadNode(member.Value, JsonPointer.Append(JsonPointer.Append(node.Pointer, keyword), member.Name), node.Resource);
        return map;
    }

    private JsonData? Count(SchemaNode node, JsonElement schema, string keyword)
    {
        if (!schema.TryGetProperty(keyword, out var value))
            return null;
        var count = JsonData.Of(value);
        if (value.ValueKind == JsonValueKind.Number && count.Number.IsInteger && count.Number.CompareTo(default) >= 0)
            return count;
        Problem(node, keyword, "must be a whole number, zero or more");
        return null;
    }

    private Regex? Pattern(SchemaNode node, string keyword, JsonElement value)
    {
        var problem = "must be the text of a regular expression";
        if (value.ValueKind == JsonValueKind.String && EcmaPattern.TryRead(value.GetString()!, out var regex, out problem))
            return regex;
        Problem(node, keyword, problem);
        return null;
    }

    private IReadOnlyList<string>? Names(SchemaNode node, string keyword, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static name => name.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(static name => name.GetString()!).Distinct(StringComparer.Ordinal)];
        Problem(node, keyword, "must be an array of names of members");
        return null;
    }
}

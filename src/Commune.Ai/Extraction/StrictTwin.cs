using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Ai.JsonSchema;

namespace Commune.Ai.Extraction;

/// <summary>
/// The user's schema in the narrower form that models with structured output take: every member is required and may be null, no others are
/// allowed, references are written out, and what the form cannot say stands in the descriptions.
/// </summary>
internal sealed class StrictTwin
{
    /// <summary>Levels of objects and arrays; a schema that refers to itself ends there.</summary>
    private const int MostLevels = 8;

    /// <summary>What is written out again and again must not grow beyond what a model takes.</summary>
    private const int MostNodes = 400;

    private static readonly string[] Plain = ["string", "number", "boolean", "null"];

    private static readonly string[] Told =
    [
        "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
        "examples",
    ];

    private readonly JsonElement document;
    private int nodes;

    private StrictTwin(JsonElement document)
    {
        this.document = document;
        Root = Read(document, 0) as TwinObject ?? new TwinObject([], null);
    }

    public TwinObject Root { get; }

    /// <param name="schema">A schema that <see cref="SchemaCheck"/> found nothing wrong with.</param>
    public static StrictTwin Of(JsonElement schema) => new(schema);

    /// <summary>What the model is asked to answer in.</summary>
    public JsonObject Schema() => Root.Write(nullable: false);

    /// <summary>An answer of the twin's form in the form of the user's schema.</summary>
    public JsonObject Restore(JsonData answer) => Root.Restore(answer) as JsonObject ?? [];

    /// <summary>Null for what has no place in the twin: too deep, or nothing can be said of it.</summary>
    private TwinNode? Read(JsonElement schema, int level)
    {
        if (++nodes > MostNodes || level > MostLevels || schema.ValueKind == JsonValueKind.False)
            return null;
        if (schema.ValueKind != JsonValueKind.Object)
            return new TwinValue(Plain, [], null);
        var parts = Parts(schema, 0).ToList();
        var description = Describe(parts);
        var types = TypesOf(parts);
        if (Find(parts, "enum") is { ValueKind: JsonValueKind.Array } allowed)
            return ReadEnum([.. allowed.EnumerateArray()], description);
        if (Find(parts, "const") is { } constant)
            return ReadEnum([constant], description);
        if (Alternatives(parts) is { } alternatives && !parts.Exists(static part => part.TryGetProperty("properties", out _)))
        {
            var read = alternatives.Select(one => Read(one, level + 1)).OfType<TwinNode>().ToList();
            return read.Count == 0 ? null : new TwinChoice(read, description);
        }

        var kinds = new List<TwinNode>();
        if (types.Contains("object", StringComparer.Ordinal) && ReadObject(parts, level, description) is { } twinObject)
            kinds.Add(twinObject);
        if (types.Contains("array", StringComparer.Ordinal) && ReadArray(parts, level, description) is { } twinArray)
            kinds.Add(twinArray);
        var plain = types.Where(static type => type is not ("object" or "array")).ToList();
        if (plain.Exists(static type => type != "null") || (plain.Count > 0 && kinds.Count == 0))
            kinds.Add(new TwinValue(plain, [], description));
        return kinds.Count switch { 0 => null, 1 => kinds[0], _ => new TwinChoice(kinds, description) };
    }

    /// <summary>The schema, what it refers to, and all of <c>allOf</c>: one value must satisfy each of them.</summary>
    private IEnumerable<JsonElement> Parts(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MostLevels)
            yield break;
        yield return schema;
        if (schema.TryGetProperty("$ref", out var reference) && Target(reference) is { } target)
        {
            foreach (var part in Parts(target, depth + 1))
                yield return part;
        }

        if (!schema.TryGetProperty("allOf", out var all) || all.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (var part in all.EnumerateArray().Take(20).SelectMany(one => Parts(one, depth + 1)))
            yield return part;
    }

    /// <summary>Where a pointer into the schema leads; anchors are left to the validator.</summary>
    private JsonElement? Target(JsonElement reference)
    {
        if (reference.ValueKind != JsonValueKind.String || reference.GetString() is not { } text || !text.StartsWith('#'))
            return null;
        var value = document;
        foreach (var token in Uri.UnescapeDataString(text[1..]).Split('/').Skip(1).Select(JsonPointer.Unescape))
        {
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(token, out var member))
                value = member;
            else if (value.ValueKind == JsonValueKind.Array && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength())
                value = value[index];
            else
                return null;
        }

        return text is "#" || text.StartsWith("#/", StringComparison.Ordinal) ? value : null;
    }

    private static TwinValue ReadEnum(IReadOnlyList<JsonElement> allowed, string? description)
    {
        var scalars = allowed.Where(static value => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)).Take(500).ToList();
        var types = scalars.Select(static value => JsonData.Of(value).TypeName).Distinct(StringComparer.Ordinal).ToList();
        return scalars.Count == 0 ? new TwinValue(["null"], [], description) : new TwinValue(types, scalars, description);
    }

    private static JsonElement? Find(List<JsonElement> parts, string keyword)
    {
        foreach (var part in parts)
        {
            if (part.TryGetProperty(keyword, out var value))
                return value;
        }

        return null;
    }

    private static List<JsonElement>? Alternatives(List<JsonElement> parts) =>
        (Find(parts, "anyOf") ?? Find(parts, "oneOf")) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Take(50)] : null;

    private static IReadOnlyList<string> TypesOf(List<JsonElement> parts) => Find(parts, "type") switch
    {
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } several => [.. several.EnumerateArray().Select(static type => type.GetString()!)],
        _ when Find(parts, "properties") is not null || Find(parts, "additionalProperties") is { ValueKind: JsonValueKind.Object } => ["object"],
        _ when Find(parts, "items") is not null || Find(parts, "prefixItems") is not null => ["array"],
        _ => Plain,
    };

    private TwinNode? ReadObject(List<JsonElement> parts, int level, string? description)
    {
        var required = parts.Where(static part => part.TryGetProperty("required", out _))
            .SelectMany(static part => part.GetProperty("required").EnumerateArray().Select(static name => name.GetString()!))
            .ToHashSet(StringComparer.Ordinal);
        var members = new List<TwinMember>();
        foreach (var property in parts.Where(static part => part.TryGetProperty("properties", out _)).SelectMany(static part => part.GetProperty("properties").EnumerateObject()))
        {
            if (members.Exists(member => member.Name == property.Name) || Read(property.Value, level + 1) is not { } node)
                continue;
            members.Add(new TwinMember(property.Name, node, required.Contains(property.Name), TakesNull(property.Value)));
        }

        if (members.Count > 0)
            return new TwinObject(members, description);
        var values = Find(parts, "additionalProperties");
        return values is { ValueKind: JsonValueKind.Object } schema && Read(schema, level + 1) is { } each ? new TwinMap(each, description)
            : values is { ValueKind: JsonValueKind.False } || level == 0 ? null
            : new TwinMap(new TwinValue(Plain, [], null), description);
    }

    private bool TakesNull(JsonElement schema)
    {
        var parts = Parts(schema, 0).ToList();
        return Find(parts, "enum") is { } allowed ? allowed.EnumerateArray().Any(static value => value.ValueKind == JsonValueKind.Null)
            : Alternatives(parts) is { } alternatives ? alternatives.Exists(static one => one.ValueKind == JsonValueKind.Object && one.TryGetProperty("type", out var type) && Names(type, "null"))
            : Find(parts, "type") is { } named && Names(named, "null");
    }

    private static bool Names(JsonElement type, string name) => type.ValueKind == JsonValueKind.String
        ? type.GetString() == name
        : type.ValueKind == JsonValueKind.Array && type.EnumerateArray().Any(one => one.GetString() == name);

    private TwinNode? ReadArray(List<JsonElement> parts, int level, string? description)
    {
        var kinds = new List<TwinNode>();
        if (Find(parts, "prefixItems") is { ValueKind: JsonValueKind.Array } prefix)
            kinds.AddRange(prefix.EnumerateArray().Take(20).Select(item => Read(item, level + 1)).OfType<TwinNode>());
        if (Find(parts, "items") is { } items && Read(items, level + 1) is { } rest)
            kinds.Add(rest);
        return kinds.Count switch
        {
            0 when level >= MostLevels => null,
            0 => new TwinArray(new TwinValue(["string", "number", "boolean"], [], null), description),
            1 => new TwinArray(kinds[0], description),
            _ => new TwinArray(new TwinChoice(kinds, null), description),
        };
    }

    private static string? Describe(List<JsonElement> parts)
    {
        var words = new List<string>();
        foreach (var keyword in (ReadOnlySpan<string>)["title", "description"])
        {
            if (Find(parts, keyword) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } said)
                words.Add(said);
        }

        words.AddRange(Told.Where(keyword => Find(parts, keyword) is not null).Select(keyword => $"({keyword}: {Cut(Find(parts, keyword)!.Value.GetRawText())})"));
        return words.Count == 0 ? null : Cut(string.Join(' ', words));
    }

    private static string Cut(string text) => text.Length <= 600 ? text : text[..600];
}

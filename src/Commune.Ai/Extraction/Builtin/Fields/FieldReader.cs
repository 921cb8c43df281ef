using System.Text.Json;
using System.Text.RegularExpressions;

namespace Commune.Ai.Extraction.Builtin.Fields;

/// <summary>Reads a JSON Schema into properties to be found. What is too deep or too much is left out.</summary>
internal sealed class FieldReader
{
    public const int MostFields = 400;

    private const int Deepest = 8;
    private const int MostReferences = 8;
    private const int MostValues = 200;
    private const int LongestPattern = 500;
    private const int MostNameWords = 8;
    private static readonly TimeSpan PatternLimit = TimeSpan.FromMilliseconds(20);

    private readonly JsonElement _root;
    // The references that are being read: one that leads to itself has no end.
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private int _count;

    private FieldReader(JsonElement root) => _root = root;

    /// <summary>The schema's object; null when the schema is none.</summary>
    public static Field? Read(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return null;
        var root = new FieldReader(schema).Of(schema, "", "", [], 0);
        return root is { Kind: FieldKind.Object } ? root : null;
    }

    /// <summary>The names of all properties, those of inner objects too.</summary>
    public static IReadOnlyCollection<string> NamesOf(JsonElement schema)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (Read(schema) is { } root)
            Collect(root, names);
        return names;
    }

    /// <summary>Adds the names of a field and of all that is in it.</summary>
    public static void Collect(Field field, HashSet<string> names)
    {
        if (field.Name.Length > 0)
            names.Add(field.Name);
        foreach (var property in field.Properties)
            Collect(property, names);
        if (field.Items is not null)
            Collect(field.Items, names);
    }

    private Field? Of(JsonElement schema, string path, string name, IReadOnlyList<string> context, int depth)
    {
        var resolved = Resolve(schema);
        if (resolved is not { } shape || depth > Deepest || ++_count > MostFields)
            return null;
        var reference = Text(schema, "$ref");
        if (reference is not null && !_open.Add(reference))
            return null;
        var field = Of(schema, shape, path, name, context, depth);
        if (reference is not null)
            _open.Remove(reference);
        return field;
    }

    private Field? Of(JsonElement schema, JsonElement shape, string path, string name, IReadOnlyList<string> context, int depth)
    {
        var (types, alternatives) = TypesOf(shape, path, name, context, depth);
        if (alternatives.Count == 1)
            return alternatives[0];
        var names = NamesOf(shape, schema, name, context);
        var inner = names.Count > 0 && path.Length > 0 ? (IReadOnlyList<string>)[.. names[0].Subjects.Union(context, StringComparer.Ordinal)] : [];
        var values = ValuesOf(shape);
        var properties = PropertiesOf(shape, path, inner, depth);
        var items = Member(shape, "items") is { ValueKind: JsonValueKind.Object } element ? Of(element, path, name, context, depth + 1) : null;
        if (types == JsonTypes.Any)
            types = properties.Count > 0 ? JsonTypes.Object : items is not null ? JsonTypes.Array : JsonTypes.Any;
        var pattern = PatternOf(shape, out var bad);
        var field = new Field
        {
            Path = path,
            Name = name,
            Types = types,
            Names = names,
            Values = values,
            Examples = ExamplesOf(shape),
            Format = Text(shape, "format"),
            Pattern = pattern,
            HasBadPattern = bad,
            MinLength = Whole(shape, "minLength", 0),
            MaxLength = Whole(shape, "maxLength", int.MaxValue),
            Minimum = Number(shape, "minimum"),
            Maximum = Number(shape, "maximum"),
            ExclusiveMinimum = Number(shape, "exclusiveMinimum"),
            ExclusiveMaximum = Number(shape, "exclusiveMaximum"),
            MultipleOf = Number(shape, "multipleOf"),
            MinItems = Whole(shape, "minItems", 0),
            MaxItems = Whole(shape, "maxItems", int.MaxValue),
            UniqueItems = Member(shape, "uniqueItems") is { ValueKind: JsonValueKind.True },
            Properties = properties,
            Items = items,
            Alternatives = alternatives,
        };
        field.Kind = FieldKinds.Of(field);
        return field;
    }

    /// <summary>Follows $ref into the document.</summary>
    private JsonElement? Resolve(JsonElement schema)
    {
        for (var i = 0; i < MostReferences; i++)
        {
            if (schema.ValueKind != JsonValueKind.Object)
                return null;
            if (Text(schema, "$ref") is not { } reference)
                return schema;
            if (!reference.StartsWith('#'))
                return null;
            var target = _root;
            foreach (var token in reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                var key = Uri.UnescapeDataString(token).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
                if (target.ValueKind != JsonValueKind.Object || !target.TryGetProperty(key, out target))
                    return null;
            }
            schema = target;
        }
        return null;
    }

    private (JsonTypes Types, List<Field> Alternatives) TypesOf(JsonElement schema, string path, string name, IReadOnlyList<string> context, int depth)
    {
        var types = JsonTypes.None;
        if (Member(schema, "type") is { } type)
        {
            foreach (var one in type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray()] : new[] { type })
                types |= one.ValueKind == JsonValueKind.String ? TypeOf(one.GetString()!) : JsonTypes.None;
        }
        var alternatives = new List<Field>();
        foreach (var keyword in (ReadOnlySpan<string>)["anyOf", "oneOf", "allOf"])
        {
            if (Member(schema, keyword) is not { ValueKind: JsonValueKind.Array } choices || Member(schema, "properties") is not null)
                continue;
            foreach (var choice in choices.EnumerateArray().Take(10))
            {
                if (choice.ValueKind == JsonValueKind.Object && Text(choice, "type") == "null")
                    types |= JsonTypes.Null;
                else if (Of(choice, path, name, context, depth + 1) is { } alternative && alternative.Types != JsonTypes.Null)
                    alternatives.Add(alternative);
            }
        }
        return (types == JsonTypes.None || types == JsonTypes.Null && alternatives.Count > 0 ? JsonTypes.Any : types, alternatives);
    }

    private static JsonTypes TypeOf(string name) => name switch
    {
        "string" => JsonTypes.String,
        "number" => JsonTypes.Number | JsonTypes.Integer,
        "integer" => JsonTypes.Integer,
        "boolean" => JsonTypes.Boolean,
        "object" => JsonTypes.Object,
        "array" => JsonTypes.Array,
        "null" => JsonTypes.Null,
        _ => JsonTypes.None,
    };

    private List<Field> PropertiesOf(JsonElement schema, string path, IReadOnlyList<string> context, int depth)
    {
        var fields = new List<Field>();
        var parts = new List<JsonElement> { schema };
        if (Member(schema, "allOf") is { ValueKind: JsonValueKind.Array } all)
            parts.AddRange(all.EnumerateArray().Take(10).Select(part => Resolve(part)).OfType<JsonElement>());
        foreach (var part in parts)
        {
            if (Member(part, "properties") is not { ValueKind: JsonValueKind.Object } properties)
                continue;
            // A path can't tell a property without a name from the object that holds it.
            foreach (var property in properties.EnumerateObject().Take(MostFields))
            {
                if (property.Name.Length > 0 && fields.TrueForAll(known => known.Name != property.Name) && Of(property.Value, FieldPath.Of(path, property.Name), property.Name, context, depth + 1) is { } field)
                    fields.Add(field);
            }
        }
        var required = parts.SelectMany(part => Member(part, "required") is { ValueKind: JsonValueKind.Array } names ? names.EnumerateArray().ToArray() : [])
            .Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!).ToHashSet(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            field.IsRequired = required.Contains(field.Name);
            field.IsOnlyOfKind = fields.Count(other => other.Kind == field.Kind) == 1;
        }
        return fields;
    }

    private static List<FieldName> NamesOf(JsonElement shape, JsonElement reference, string name, IReadOnlyList<string> context)
    {
        var names = new List<FieldName> { FieldName.Of(name, context) };
        foreach (var text in new[] { Text(reference, "title"), Text(shape, "title"), Text(reference, "description"), Text(shape, "description") })
        {
            if (text is null)
                continue;
            // Of a sentence only what stands before an example or an explanation is a name.
            var cut = text.AsSpan().IndexOfAny(".,;(:");
            var words = (cut < 0 ? text : text[..cut]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length is 0 or > MostNameWords)
                continue;
            var other = FieldName.Of(string.Join(' ', words), context);
            if (!other.IsEmpty)
                names.Add(other);
        }
        return names;
    }

    private static List<JsonElement> ValuesOf(JsonElement schema)
    {
        if (Member(schema, "const") is { } single)
            return [single];
        return Member(schema, "enum") is { ValueKind: JsonValueKind.Array } values
            ? [.. values.EnumerateArray().Where(value => value.ValueKind != JsonValueKind.Null).Take(MostValues)]
            : [];
    }

    private static List<string> ExamplesOf(JsonElement schema)
    {
        var examples = new List<string>();
        if (Member(schema, "examples") is { ValueKind: JsonValueKind.Array } several)
            examples.AddRange(several.EnumerateArray().Where(example => example.ValueKind == JsonValueKind.String).Select(example => example.GetString()!).Take(10));
        if (Text(schema, "example") is { } one)
            examples.Add(one);
        return examples;
    }

    private static Regex? PatternOf(JsonElement schema, out bool bad)
    {
        bad = false;
        if (Text(schema, "pattern") is not { } pattern)
            return null;
        bad = true;
        if (pattern.Length > LongestPattern)
            return null;
        foreach (var options in (ReadOnlySpan<RegexOptions>)[RegexOptions.NonBacktracking, RegexOptions.ECMAScript])
        {
            try
            {
                var regex = new Regex(pattern, options, PatternLimit);
                bad = false;
                return regex;
            }
            catch (Exception e) when (e is NotSupportedException or ArgumentException)
            {
                // Look-around and back-references need the engine that goes back, within its time limit.
            }
        }
        return null;
    }

    private static JsonElement? Member(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var member) ? member : null;

    private static string? Text(JsonElement schema, string name) =>
        Member(schema, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static decimal? Number(JsonElement schema, string name) =>
        Member(schema, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDecimal(out var value) ? value : null;

    private static int Whole(JsonElement schema, string name, int otherwise) =>
        Number(schema, name) is { } number ? (int)Math.Clamp(number, 0, int.MaxValue) : otherwise;
}

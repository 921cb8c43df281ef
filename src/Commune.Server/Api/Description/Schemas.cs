using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Commune.Server.Api.Messages;
using Commune.Server.Api.Search;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Description;

/// <summary>JSON Schemas (2020-12) of the records that are read and written, by the names under which the serialiser writes them.</summary>
internal sealed class Schemas(XmlComments comments)
{
    private const string RequestSuffix = "Request";
    private readonly Dictionary<string, Type> named = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, JsonObject> components = new(StringComparer.Ordinal);

    /// <summary>What <c>components.schemas</c> holds, in the order of the names.</summary>
    public JsonObject Components() => new(components.Select(static pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    /// <param name="request">True for what clients write: what may be null may be left out.</param>
    public JsonObject Of(Type type, bool request = false)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return OrNull(Of(underlying, request));
        if (type.IsGenericType && Generic(type, request) is { } generic)
            return generic;
        return type switch
        {
            _ when type == typeof(string) => new JsonObject { ["type"] = "string" },
            _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
            _ when type == typeof(int) => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
            _ when type == typeof(long) => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
            _ when type == typeof(double) => new JsonObject { ["type"] = "number" },
            // Members that hold foreign JSON hold objects: extraction schemas and results, what was found about a mail.
            _ when type == typeof(JsonElement) || type == typeof(JsonObject) => new JsonObject { ["type"] = "object" },
            _ when type == typeof(AnyJson) => [],
            _ when type == typeof(IdOrFile) => new JsonObject
            {
                ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, Of(typeof(InlineFileRequest), request)),
            },
            _ when type == typeof(TextOrTexts) => new JsonObject
            {
                ["anyOf"] = new JsonArray(
                    new JsonObject { ["type"] = "string" },
                    new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } }),
            },
            _ => Reference(type, request),
        };
    }

    private JsonObject? Generic(Type type, bool request)
    {
        var definition = type.GetGenericTypeDefinition();
        var item = type.GetGenericArguments()[^1];
        if (definition == typeof(IReadOnlyList<>))
            return new JsonObject { ["type"] = "array", ["items"] = Of(item, request) };
        if (definition == typeof(IReadOnlyDictionary<,>))
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(item, request) };
        if (definition == typeof(Either<,>))
            return new JsonObject { ["anyOf"] = new JsonArray(Of(type.GetGenericArguments()[0], request), Of(item, request)) };
        if (definition == typeof(Copied<>))
            return AllOf(item, "data");
        if (definition == typeof(CopiedAsOrg<>))
            return AllOf(item, "data", "org");
        // Envelopes are written out: what matters is what they hold.
        return definition == typeof(Envelope<>) || definition == typeof(ListEnvelope<>) || definition == typeof(SearchEnvelope<>) ? Written(type, request) : null;
    }

    private JsonObject AllOf(Type type, params IReadOnlyList<string> copies) => new()
    {
        ["allOf"] = new JsonArray(Of(type), new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray([.. copies.Select(static copy => JsonValue.Create(copy))]),
            ["properties"] = new JsonObject(copies.Select(copy => KeyValuePair.Create(copy, (JsonNode?)Of(type)))),
        }),
    };

    private JsonObject Reference(Type type, bool request)
    {
        var name = NameOf(type);
        if (!components.ContainsKey(name))
        {
            // The place is taken first, so that a record that holds itself ends.
            components[name] = [];
            components[name] = Written(type, request);
        }
        return new JsonObject { ["$ref"] = "#/components/schemas/" + name };
    }

    /// <summary>The record's name; its noun comes before it where two records share one.</summary>
    private string NameOf(Type type)
    {
        var name = type.Name.Length > "Response".Length && type.Name.EndsWith("Response", StringComparison.Ordinal) ? type.Name[..^"Response".Length] : type.Name;
        if (named.TryAdd(name, type) || named[name] == type)
            return name;
        name = type.Namespace![(type.Namespace!.LastIndexOf('.') + 1)..] + name;
        return named.TryAdd(name, type) || named[name] == type ? name
            : throw new InvalidOperationException($"{type} and {named[name]} would have one name in the description; rename one.");
    }

    private JsonObject Written(Type type, bool request)
    {
        request |= type.Name.EndsWith(RequestSuffix, StringComparison.Ordinal);
        ApiJson.Options.MakeReadOnly(populateMissingResolver: true);
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in ApiJson.Options.GetTypeInfo(type).Properties.Where(static property => property.Get is not null))
        {
            var schema = Member(property, request, out var nullable);
            if (property.IsRequired && request || (request ? !nullable : property.ShouldSerialize is null))
                required.Add(property.Name);
            properties[property.Name] = schema;
        }
        var result = new JsonObject { ["type"] = "object" };
        if (comments.OfType(type) is { } summary && !type.IsGenericType)
            result["description"] = summary;
        if (required.Count > 0)
            result["required"] = required;
        result["properties"] = properties;
        return result;
    }

    private JsonObject Member(JsonPropertyInfo property, bool request, out bool nullable)
    {
        var declared = (PropertyInfo)property.AttributeProvider!;
        nullable = Nullable.GetUnderlyingType(property.PropertyType) is not null
            || (!property.PropertyType.IsValueType && new NullabilityInfoContext().Create(declared).ReadState == NullabilityState.Nullable);
        var schema = Of(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, request);
        if (schema["additionalProperties"] is JsonObject && new NullabilityInfoContext().Create(declared).GenericTypeArguments[^1].ReadState == NullabilityState.Nullable)
            schema["additionalProperties"] = OrNull(Of(property.PropertyType.GetGenericArguments()[^1], request));
        if (declared.GetCustomAttribute<WordsAttribute>() is { } words)
            schema["enum"] = new JsonArray([.. words.Words.Select(static word => JsonValue.Create(word))]);
        if (property.PropertyType == typeof(string) && ExampleValues.IsTime(property.Name))
            schema["format"] = "date-time";
        if (nullable && property.ShouldSerialize is null)
            schema = OrNull(schema);
        if (comments.OfProperty(declared) is { } summary)
            schema["description"] = summary;
        return schema;
    }

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray((string)type!, "null");
            (schema["enum"] as JsonArray)?.Add((JsonNode?)null);
            return schema;
        }
        if (schema["anyOf"] is JsonArray choices)
            choices.Add(new JsonObject { ["type"] = "null" });
        else if (schema.Count > 0)
            return new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        return schema;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Ai.JsonSchema;

namespace Commune.Ai.Extraction;

/// <summary>A part of a schema in the form that models with structured output accept, and how a value of that form turns back.</summary>
internal abstract record TwinNode(string? Description)
{
    /// <summary>The schema for the model; with null as one more value when <paramref name="nullable"/>.</summary>
    public abstract JsonObject Write(bool nullable);

    /// <summary>The value as the user's schema means it.</summary>
    public abstract JsonNode? Restore(JsonData value);

    /// <summary>Whether a value has the outline of this node: which of several alternatives the model took.</summary>
    public abstract bool Resembles(JsonData value);

    protected JsonObject Described(JsonObject schema)
    {
        if (Description is not null)
            schema["description"] = Description;
        return schema;
    }

    protected JsonObject OrNull(JsonObject schema, bool nullable) => Described(
        nullable ? new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) } : schema);

    /// <summary>A value without any schema, as it is.</summary>
    protected static JsonNode? Plain(JsonData value) => value.Kind switch
    {
        JsonValueKind.Object => new JsonObject(value.Members.Select(static member => KeyValuePair.Create(member.Key, Plain(member.Value)))),
        JsonValueKind.Array => new JsonArray([.. value.Items.Select(Plain)]),
        JsonValueKind.String => JsonValue.Create(value.Text),
        JsonValueKind.Number => JsonNode.Parse(value.Text),
        JsonValueKind.True => JsonValue.Create(true),
        JsonValueKind.False => JsonValue.Create(false),
        _ => null,
    };
}

/// <summary>A value that is neither object nor array.</summary>
/// <param name="Types">Of JSON Schema.</param>
/// <param name="Allowed">The values of <c>enum</c> or <c>const</c>; empty when any will do.</param>
internal sealed record TwinValue(IReadOnlyList<string> Types, IReadOnlyList<JsonElement> Allowed, string? Description) : TwinNode(Description)
{
    public override JsonObject Write(bool nullable)
    {
        var types = nullable && !Types.Contains("null", StringComparer.Ordinal) ? [.. Types, "null"] : Types;
        var schema = new JsonObject { ["type"] = types.Count == 1 ? types[0] : new JsonArray([.. types.Select(static type => JsonValue.Create(type))]) };
        if (Allowed.Count > 0)
        {
            var values = Allowed.Select(static value => (JsonNode?)JsonSerializer.SerializeToNode(value)).ToList();
            if (nullable && values.TrueForAll(static value => value is not null))
                values.Add(null);
            schema["enum"] = new JsonArray([.. values]);
        }

        return Described(schema);
    }

    public override JsonNode? Restore(JsonData value) => Plain(value);

    public override bool Resembles(JsonData value) => Types.Contains(value.TypeName, StringComparer.Ordinal)
        || (value.TypeName == "integer" && Types.Contains("number", StringComparer.Ordinal));
}

/// <summary>An object whose members are named. Every one is asked for, and may be null where the mail says nothing.</summary>
internal sealed record TwinObject(IReadOnlyList<TwinMember> Members, string? Description) : TwinNode(Description)
{
    public override JsonObject Write(bool nullable) => OrNull(
        new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(Members.Select(static member => KeyValuePair.Create<string, JsonNode?>(member.Name, member.Node.Write(nullable: true)))),
            ["required"] = new JsonArray([.. Members.Select(static member => JsonValue.Create(member.Name))]),
            ["additionalProperties"] = false,
        },
        nullable);

    public override JsonNode? Restore(JsonData value)
    {
        if (value.Kind != JsonValueKind.Object)
            return Plain(value);
        var restored = new JsonObject();
        foreach (var (name, part) in value.Members)
        {
            var member = Members.FirstOrDefault(one => one.Name == name);
            // Null is how the model says that there is nothing; only a required member that may be null means it. What was not asked for is not taken.
            if (member is null || (part.Kind == JsonValueKind.Null && member is not { Required: true, Nullable: true }))
                continue;
            restored[name] = member.Node.Restore(part);
        }

        return restored;
    }

    public override bool Resembles(JsonData value) =>
        value.Kind == JsonValueKind.Object && value.Members.Keys.All(name => Members.Any(member => member.Name == name));
}

/// <param name="Required">In the user's schema.</param>
/// <param name="Nullable">The user's schema takes null for it.</param>
internal sealed record TwinMember(string Name, TwinNode Node, bool Required, bool Nullable);

/// <summary>An array of one kind of items.</summary>
internal sealed record TwinArray(TwinNode Items, string? Description) : TwinNode(Description)
{
    public override JsonObject Write(bool nullable) => OrNull(new JsonObject { ["type"] = "array", ["items"] = Items.Write(nullable: false) }, nullable);

    public override JsonNode? Restore(JsonData value) =>
        value.Kind == JsonValueKind.Array ? new JsonArray([.. value.Items.Select(Items.Restore)]) : Plain(value);

    public override bool Resembles(JsonData value) => value.Kind == JsonValueKind.Array;
}

/// <summary>An object whose members have names of the mail's choice: for the model an array of names with values.</summary>
internal sealed record TwinMap(TwinNode Values, string? Description) : TwinNode(Description)
{
    public override JsonObject Write(bool nullable) => OrNull(
        new JsonObject
        {
            ["type"] = "array",
            ["items"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["name"] = new JsonObject { ["type"] = "string" }, ["value"] = Values.Write(nullable: false) },
                ["required"] = new JsonArray("name", "value"),
                ["additionalProperties"] = false,
            },
        },
        nullable);

    public override JsonNode? Restore(JsonData value)
    {
        if (value.Kind != JsonValueKind.Array)
            return Plain(value);
        var restored = new JsonObject();
        foreach (var entry in value.Items)
        {
            if (entry.Members.TryGetValue("name", out var name) && name.Kind == JsonValueKind.String && entry.Members.TryGetValue("value", out var part))
                restored[name.Text] = Values.Restore(part);
        }

        return restored;
    }

    public override bool Resembles(JsonData value) => value.Kind is JsonValueKind.Array;
}

/// <summary>One of several forms.</summary>
internal sealed record TwinChoice(IReadOnlyList<TwinNode> Alternatives, string? Description) : TwinNode(Description)
{
    public override JsonObject Write(bool nullable)
    {
        var alternatives = Alternatives.Select(static node => (JsonNode)node.Write(nullable: false)).ToList();
        if (nullable)
            alternatives.Add(new JsonObject { ["type"] = "null" });
        return Described(new JsonObject { ["anyOf"] = new JsonArray([.. alternatives]) });
    }

    public override JsonNode? Restore(JsonData value) =>
        Alternatives.FirstOrDefault(node => node.Resembles(value)) is { } taken ? taken.Restore(value) : Plain(value);

    public override bool Resembles(JsonData value) => Alternatives.Any(node => node.Resembles(value));
}

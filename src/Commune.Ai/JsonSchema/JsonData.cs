using System.Text.Json;

namespace Commune.Ai.JsonSchema;

/// <summary>A JSON value as a validator needs it: members by name, numbers by value.</summary>
internal sealed class JsonData : IEquatable<JsonData>
{
    private static readonly IReadOnlyDictionary<string, JsonData> NoMembers = new Dictionary<string, JsonData>(StringComparer.Ordinal);

    private int? hash;

    private JsonData(JsonValueKind kind, string text = "")
    {
        Kind = kind;
        Text = text;
    }

    public JsonValueKind Kind { get; }

    /// <summary>The string, or the number as it was written.</summary>
    public string Text { get; }

    public ExactNumber Number { get; private init; }
    public IReadOnlyList<JsonData> Items { get; private init; } = [];
    public IReadOnlyDictionary<string, JsonData> Members { get; private init; } = NoMembers;

    public static JsonData Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new JsonData(JsonValueKind.Object) { Members = MembersOf(element) },
        JsonValueKind.Array => new JsonData(JsonValueKind.Array) { Items = [.. element.EnumerateArray().Select(Of)] },
        JsonValueKind.String => new JsonData(JsonValueKind.String, TextOf(element)),
        JsonValueKind.Number => new JsonData(JsonValueKind.Number, element.GetRawText()) { Number = ExactNumber.Parse(element.GetRawText()) },
        var kind => new JsonData(kind),
    };

    public static JsonData OfText(string text) => new(JsonValueKind.String, text);

    /// <summary>A name that says twice what it is counts as it was said last, as everywhere else.</summary>
    private static Dictionary<string, JsonData> MembersOf(JsonElement element)
    {
        var members = new Dictionary<string, JsonData>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
            members[NameOf(member)] = Of(member.Value);
        return members;
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return member.ToString().Split(':')[0];
        }
    }

    /// <summary>JSON can escape half of a surrogate pair, which is no text: such a string is taken as it was written.</summary>
    private static string TextOf(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return element.GetRawText();
        }
    }

    public bool Equals(JsonData? other)
    {
        if (other is null || Kind != other.Kind || GetHashCode() != other.GetHashCode())
            return false;
        return Kind switch
        {
            JsonValueKind.Number => Number.CompareTo(other.Number) == 0,
            JsonValueKind.Array => Items.SequenceEqual(other.Items),
            JsonValueKind.Object => Members.Count == other.Members.Count
                && Members.All(member => other.Members.TryGetValue(member.Key, out var value) && member.Value.Equals(value)),
            _ => string.Equals(Text, other.Text, StringComparison.Ordinal),
        };
    }

    public override bool Equals(object? obj) => Equals(obj as JsonData);

    public override int GetHashCode() => hash ??= Hash();

    private int Hash() => Kind switch
    {
        JsonValueKind.Number => Number.GetHashCode(),
        JsonValueKind.Array => Items.Aggregate(HashCode.Combine(Kind), static (sum, item) => HashCode.Combine(sum, item)),
        // The order of members means nothing, so their hashes are added up.
        JsonValueKind.Object => Members.Aggregate((int)Kind, static (sum, member) => unchecked(sum + HashCode.Combine(member.Key, member.Value))),
        _ => HashCode.Combine(Kind, Text),
    };

    /// <summary>As the type keyword calls it.</summary>
    public string TypeName => Kind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => Number.IsInteger ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };
}

using System.Collections.Frozen;
using System.Text.Json;

namespace Commune.Ai.JsonSchema;

/// <summary>What <c>$schema</c> may name.</summary>
internal static class Vocabularies
{
    public const string Draft = "https://json-schema.org/draft/2020-12/schema";

    private const string Prefix = "https://json-schema.org/draft/2020-12/vocab/";

    /// <summary>What is commonly written on top of a schema. An earlier draft is read as this one; where they differ, a keyword is refused by name.</summary>
    private static readonly FrozenSet<string> Drafts = new[]
    {
        Draft, "https://json-schema.org/draft/2019-09/schema", "http://json-schema.org/draft-07/schema", "http://json-schema.org/draft-06/schema",
        "http://json-schema.org/schema", "https://json-schema.org/draft-07/schema",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Known = new[]
    {
        "core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "format-assertion", "content",
    }.Select(static name => Prefix + name).ToFrozenSet(StringComparer.Ordinal);

    public static bool IsKnownDraft(string uri) => Drafts.Contains(uri);

    /// <summary>The dialect that a metaschema describes; null when it does not say.</summary>
    /// <param name="unknown">A vocabulary that it requires and we lack.</param>
    public static Dialect? Read(JsonElement metaschema, Dialect standard, out string? unknown)
    {
        unknown = null;
        if (metaschema.ValueKind != JsonValueKind.Object || !metaschema.TryGetProperty("$vocabulary", out var list) || list.ValueKind != JsonValueKind.Object)
            return metaschema.ValueKind == JsonValueKind.Object ? standard : null;
        var named = list.EnumerateObject().ToList();
        unknown = named.Where(static entry => entry.Value.ValueKind == JsonValueKind.True && !Known.Contains(entry.Name)).Select(static entry => entry.Name).FirstOrDefault();
        return new Dialect(Has("applicator"), Has("validation"), Has("unevaluated"), standard.AssertFormats || Has("format-assertion"));

        bool Has(string vocabulary) => named.Exists(entry => entry.Name == Prefix + vocabulary);
    }
}

using System.Text.Json;

namespace Commune.Ai.JsonSchema;

/// <summary>Reads a schema, and those it refers to, into nodes; notes what is wrong with them.</summary>
internal sealed partial class SchemaReader(SchemaOptions options)
{
    /// <summary>The document's own URI where it names none: relative references are resolved against something.</summary>
    private const string OwnUri = "schema://document/";

    private readonly Dictionary<string, SchemaResource> resources = new(StringComparer.Ordinal);
    private readonly List<SchemaProblem> problems = [];
    private int subschemas;

    public IReadOnlyList<SchemaProblem> Problems => problems;

    public SchemaNode? Read(JsonElement schema)
    {
        if (!SchemaText.IsBounded(schema, out var problem))
        {
            problems.Add(problem);
            return null;
        }

        var root = ReadDocument(OwnUri, schema);
        ResolveReferences();
        if (problems.Count == 0)
            FindCircles();
        return root;
    }

    private SchemaNode ReadDocument(string uri, JsonElement schema)
    {
        var document = new SchemaDocument(uri, schema);
        var outer = new SchemaResource(uri, document, "", DialectOf(schema, standard: new Dialect(true, true, true, options.AssertFormats)));
        resources.TryAdd(uri, outer);
        return ReadNode(schema, "", outer);
    }

    private SchemaNode ReadNode(JsonElement schema, string pointer, SchemaResource parent)
    {
        var document = parent.Document;
        if (document.Nodes.TryGetValue(pointer, out var known))
            return known;
        var resource = schema.ValueKind == JsonValueKind.Object ? ResourceOf(schema, pointer, parent) : parent;
        var node = document.Nodes[pointer] = new SchemaNode(resource, pointer);
        if (++subschemas > SchemaLimits.Subschemas)
        {
            if (subschemas == SchemaLimits.Subschemas + 1)
                Problem(node, "", $"is one subschema too many: {SchemaLimits.Subschemas} are allowed, put what repeats under $defs");
            return node;
        }

        switch (schema.ValueKind)
        {
            case JsonValueKind.Object:
                ReadAnchors(node, schema);
                ReadKeywords(node, schema);
                break;
            case JsonValueKind.False:
                node.RefusesAll = true;
                break;
            case JsonValueKind.True:
                break;
            default:
                Problem(node, "", "must be a schema: an object, true or false");
                break;
        }

        return node;
    }

    /// <summary>A schema with <c>$id</c> begins a resource of its own.</summary>
    private SchemaResource ResourceOf(JsonElement schema, string pointer, SchemaResource parent)
    {
        if (!schema.TryGetProperty("$id", out var id))
            return parent;
        var uri = id.ValueKind == JsonValueKind.String ? UriText.Resolve(parent.Uri, id.GetString()!) : null;
        if (uri is null || uri.TrimEnd('#').Contains('#', StringComparison.Ordinal))
        {
            problems.Add(new SchemaProblem(pointer + "/$id", "must be a URI without a fragment"));
            return parent;
        }

        var resource = new SchemaResource(uri.TrimEnd('#'), parent.Document, pointer, DialectOf(schema, parent.Dialect));
        if (!resources.TryAdd(resource.Uri, resource) && resources[resource.Uri].Pointer != pointer)
            problems.Add(new SchemaProblem(pointer + "/$id", "is the $id of another part of the schema already"));
        resources[resource.Uri] = resource;
        return resource;
    }

    private Dialect DialectOf(JsonElement schema, Dialect standard)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("$schema", out var named))
            return standard;
        var uri = named.ValueKind == JsonValueKind.String ? named.GetString()!.TrimEnd('#') : "";
        if (Vocabularies.IsKnownDraft(uri))
            return standard;
        if (options.Documents.TryGetValue(uri, out var metaschema) && Vocabularies.Read(metaschema, standard, out var unknown) is { } dialect)
        {
            if (unknown is not null)
                problems.Add(new SchemaProblem("/$schema", $"names a dialect that needs the vocabulary {unknown}, which is not known here"));
            return dialect;
        }

        problems.Add(new SchemaProblem("/$schema", $"must be {Vocabularies.Draft}, or be left out"));
        return standard;
    }

    private void ReadAnchors(SchemaNode node, JsonElement schema)
    {
        foreach (var (keyword, anchors) in new[] { ("$anchor", node.Resource.Anchors), ("$dynamicAnchor", node.Resource.DynamicAnchors) })
        {
            if (!schema.TryGetProperty(keyword, out var value))
                continue;
            if (value.ValueKind != JsonValueKind.String || !UriText.IsAnchor(value.GetString()!))
                Problem(node, keyword, "must be a name of letters, digits, - . and _ that begins with a letter or _");
            else if (!anchors.TryAdd(value.GetString()!, node))
                Problem(node, keyword, "is the name of another part of the schema already");
        }
    }

    private void Problem(SchemaNode node, string keyword, string message)
    {
        if (problems.Count < SchemaLimits.Errors)
            problems.Add(new SchemaProblem(keyword.Length == 0 ? node.Pointer : JsonPointer.Append(node.Pointer, keyword), message));
    }
}

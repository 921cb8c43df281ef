using System.Text.Json;
using Commune.Ai.JsonSchema.Keywords;

namespace Commune.Ai.JsonSchema;

/// <content>Where references lead.</content>
internal sealed partial class SchemaReader
{
    private readonly Queue<(SchemaNode From, string Keyword, string Reference, Action<SchemaNode> Set)> references = new();

    private void AddReference(SchemaNode node, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Problem(node, keyword, "must be text that names a schema, such as #/$defs/address");
            return;
        }

        var reference = value.GetString()!;
        var plain = new RefKeyword(keyword);
        if (keyword == "$ref")
        {
            node.Keywords.Add(plain);
            references.Enqueue((node, keyword, reference, target => plain.Target = target));
            return;
        }

        // Whether it is dynamic depends on where it leads: only an anchor that is dynamic there makes it so.
        var position = node.Keywords.Count;
        node.Keywords.Add(plain);
        references.Enqueue((node, keyword, reference, target =>
        {
            plain.Target = target;
            var anchor = reference[(reference.IndexOf('#', StringComparison.Ordinal) + 1)..];
            if (target.Resource.DynamicAnchors.TryGetValue(anchor, out var dynamic) && ReferenceEquals(dynamic, target))
                node.Keywords[node.Keywords.IndexOf(plain, position)] = new DynamicRefKeyword(anchor) { Target = target };
        }));
    }

    private void ResolveReferences()
    {
        while (references.TryDequeue(out var next))
        {
            if (Resolve(next.From, next.Keyword, next.Reference) is { } target)
                next.Set(target);
        }
    }

    private SchemaNode? Resolve(SchemaNode from, string keyword, string reference)
    {
        var absolute = UriText.Resolve(from.Resource.Uri, reference);
        if (absolute is null)
        {
            Problem(from, keyword, $"is no URI reference; a schema in this document is named as #/$defs/name");
            return null;
        }

        var mark = absolute.IndexOf('#', StringComparison.Ordinal);
        var uri = mark < 0 ? absolute : absolute[..mark];
        var fragment = mark < 0 ? "" : Uri.UnescapeDataString(absolute[(mark + 1)..]);
        if (!resources.TryGetValue(uri, out var resource))
        {
            if (!options.Documents.TryGetValue(uri, out var text))
            {
                Problem(from, keyword, $"leads to {uri}, which is not part of this schema. Nothing is fetched from elsewhere: put it under $defs and refer to it as #/$defs/name");
                return null;
            }

            ReadDocument(uri, text);
            resource = resources[uri];
        }

        var target = fragment.Length == 0 || fragment[0] == '/'
            ? AtPointer(resource, fragment)
            : resource.Anchors.GetValueOrDefault(fragment) ?? resource.DynamicAnchors.GetValueOrDefault(fragment);
        if (target is null)
            Problem(from, keyword, $"leads to {reference}, where there is no schema");
        return target;
    }

    /// <summary>Also where no keyword puts a schema: a reference makes it one.</summary>
    private SchemaNode? AtPointer(SchemaResource resource, string pointer)
    {
        var document = resource.Document;
        var value = document.Root;
        var path = "";
        var nearest = document.Nodes.TryGetValue("", out var root) ? root.Resource : resource;
        foreach (var token in (resource.Pointer + pointer).Split('/').Skip(1).Select(JsonPointer.Unescape))
        {
            if (!TryStep(value, token, out value))
                return null;
            path = JsonPointer.Append(path, token);
            if (document.Nodes.TryGetValue(path, out var passed))
                nearest = passed.Resource;
        }

        return ReadNode(value, path, nearest);
    }

    private static bool TryStep(JsonElement value, string token, out JsonElement next)
    {
        next = default;
        if (value.ValueKind == JsonValueKind.Object)
            return value.TryGetProperty(token, out next);
        if (value.ValueKind != JsonValueKind.Array || !int.TryParse(token, out var index) || index < 0 || index >= value.GetArrayLength())
            return false;
        next = value[index];
        return true;
    }

    /// <summary>A schema that leads back to itself for the same value would never be done.</summary>
    private void FindCircles()
    {
        var done = new HashSet<SchemaNode>();
        var onPath = new HashSet<SchemaNode>();
        foreach (var start in resources.Values.Select(static resource => resource.Document).Distinct().SelectMany(static document => document.Nodes.Values).ToList())
        {
            var path = new Stack<(SchemaNode Node, IEnumerator<SchemaNode> Next)>();
            Push(start);
            while (path.TryPeek(out var top))
            {
                if (top.Next.MoveNext())
                {
                    if (onPath.Contains(top.Next.Current))
                    {
                        Problem(top.Node, "", "leads back to itself without a step into the data: let the reference stand in properties or items");
                        return;
                    }

                    Push(top.Next.Current);
                    continue;
                }

                path.Pop();
                onPath.Remove(top.Node);
            }

            void Push(SchemaNode node)
            {
                if (!done.Add(node))
                    return;
                onPath.Add(node);
                path.Push((node, node.Keywords.SelectMany(static keyword => keyword.SamePlace).GetEnumerator()));
            }
        }
    }
}

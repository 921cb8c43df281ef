namespace Commune.Ai.JsonSchema;

/// <summary>A schema or subschema, read.</summary>
/// <param name="pointer">Where it stands in its document.</param>
internal sealed class SchemaNode(SchemaResource resource, string pointer)
{
    public SchemaResource Resource => resource;

    public string Pointer => pointer;

    /// <summary>In the order of evaluation: those that ask what others evaluated come last.</summary>
    public List<Keyword> Keywords { get; } = [];

    /// <summary>The schema <c>false</c>.</summary>
    public bool RefusesAll { get; set; }

    /// <summary>It has <c>unevaluatedProperties</c> or <c>unevaluatedItems</c>.</summary>
    public bool AsksForEvaluated { get; set; }

    public bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? outer)
    {
        if (!evaluation.Enter(this))
            return false;
        var own = outer is null && !AsksForEvaluated ? null : new EvaluatedParts();
        var valid = !RefusesAll || evaluation.Fail(instancePath, schemaPath, "is not allowed here");
        foreach (var keyword in Keywords)
            valid &= keyword.Evaluate(evaluation, value, instancePath, schemaPath, own);
        if (valid && own is not null)
            outer?.Add(own);
        evaluation.Leave(this);
        return valid && !evaluation.LimitReached;
    }
}

/// <summary>A schema with a URI of its own: the document, or a part with <c>$id</c>.</summary>
/// <param name="Uri">Without fragment.</param>
internal sealed record SchemaResource(string Uri, SchemaDocument Document, string Pointer, Dialect Dialect)
{
    public Dictionary<string, SchemaNode> Anchors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SchemaNode> DynamicAnchors { get; } = new(StringComparer.Ordinal);

    // A resource is itself and no other, however alike.
    public bool Equals(SchemaResource? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>One JSON text, and the subschemas of it that were read.</summary>
internal sealed record SchemaDocument(string Uri, System.Text.Json.JsonElement Root)
{
    public Dictionary<string, SchemaNode> Nodes { get; } = new(StringComparer.Ordinal);

    public bool Equals(SchemaDocument? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>Which vocabularies of 2020-12 a schema speaks.</summary>
internal sealed record Dialect(bool Applicators, bool Validation, bool Unevaluated, bool AssertFormats);

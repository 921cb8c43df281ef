namespace Commune.Ai.JsonSchema;

/// <summary>One keyword of a schema, or several that are only understood together.</summary>
internal abstract class Keyword
{
    /// <param name="schemaPath">Of the schema that the keyword stands in.</param>
    /// <param name="parts">Where to note what was evaluated; null when nobody asks.</param>
    public abstract bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts);

    /// <summary>Subschemas that are put to the same value: a circle of these would never end.</summary>
    public virtual IEnumerable<SchemaNode> SamePlace => [];
}

namespace Commune.Ai.JsonSchema.Keywords;

/// <summary><c>allOf</c>.</summary>
internal sealed class AllOfKeyword(IReadOnlyList<SchemaNode> schemas) : Keyword
{
    public override IEnumerable<SchemaNode> SamePlace => schemas;

    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var valid = true;
        for (var i = 0; i < schemas.Count; i++)
            valid &= schemas[i].Evaluate(evaluation, value, instancePath, $"{schemaPath}/allOf/{i}", parts);
        return valid;
    }
}

/// <summary><c>anyOf</c> and <c>oneOf</c>.</summary>
internal sealed class ChoiceKeyword(string keyword, IReadOnlyList<SchemaNode> schemas, bool exactlyOne) : Keyword
{
    public override IEnumerable<SchemaNode> SamePlace => schemas;

    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var matches = new List<int>();
        IReadOnlyList<SchemaError>? nearest = null;
        for (var i = 0; i < schemas.Count; i++)
        {
            var index = i;
            // Each has its own notes: one that fails must leave none.
            var (fits, errors) = evaluation.Try(() => schemas[index].Evaluate(
                evaluation, value, instancePath, $"{schemaPath}/{keyword}/{index}", parts));
            if (evaluation.LimitReached)
                return false;
            if (fits)
                matches.Add(i);
            else if (nearest is null || Depth(errors) > Depth(nearest))
                nearest = errors;
        }

        if (matches.Count == 0)
        {
            var reason = nearest is { Count: > 0 } ? $"; the nearest: {nearest[0]}" : "";
            return evaluation.Fail(instancePath, $"{schemaPath}/{keyword}", $"fits none of the {schemas.Count} alternatives{reason}");
        }

        return !exactlyOne || matches.Count == 1
            || evaluation.Fail(instancePath, $"{schemaPath}/{keyword}", $"must fit one alternative, but fits those at {string.Join(" and ", matches)}");
    }

    /// <summary>The alternative that was meant is the one whose objections lie deepest.</summary>
    private static int Depth(IReadOnlyList<SchemaError> errors) => errors.Count == 0 ? -1 : errors.Max(static error => error.InstancePath.Length);
}

/// <summary><c>not</c>.</summary>
internal sealed class NotKeyword(SchemaNode schema) : Keyword
{
    public override IEnumerable<SchemaNode> SamePlace => [schema];

    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var (fits, _) = evaluation.Try(() => schema.Evaluate(evaluation, value, instancePath, schemaPath + "/not", outer: null));
        if (evaluation.LimitReached)
            return false;
        return !fits || evaluation.Fail(instancePath, schemaPath + "/not", "must not fit the schema in not");
    }
}

/// <summary><c>if</c> with <c>then</c> and <c>else</c>.</summary>
internal sealed class ConditionKeyword(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : Keyword
{
    public override IEnumerable<SchemaNode> SamePlace => new[] { condition, then, otherwise }.OfType<SchemaNode>();

    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var (fits, _) = evaluation.Try(() => condition.Evaluate(evaluation, value, instancePath, schemaPath + "/if", parts));
        if (evaluation.LimitReached)
            return false;
        return fits
            ? then?.Evaluate(evaluation, value, instancePath, schemaPath + "/then", parts) ?? true
            : otherwise?.Evaluate(evaluation, value, instancePath, schemaPath + "/else", parts) ?? true;
    }
}

/// <summary><c>$ref</c>. Its target is found once everything is read.</summary>
internal sealed class RefKeyword(string keyword) : Keyword
{
    public SchemaNode? Target { get; set; }

    public override IEnumerable<SchemaNode> SamePlace => Target is null ? [] : [Target];

    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts) =>
        Target!.Evaluate(evaluation, value, instancePath, $"{schemaPath}/{keyword}", parts);
}

/// <summary><c>$dynamicRef</c> that names an anchor: the outermost schema on the way here that has the same dynamic anchor.</summary>
internal sealed class DynamicRefKeyword(string anchor) : Keyword
{
    public SchemaNode? Target { get; set; }

    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var target = Target!;
        foreach (var resource in evaluation.Scope)
        {
            if (!evaluation.Spend(1))
                return false;
            if (!resource.DynamicAnchors.TryGetValue(anchor, out var outermost))
                continue;
            target = outermost;
            break;
        }

        return target.Evaluate(evaluation, value, instancePath, schemaPath + "/$dynamicRef", parts);
    }
}

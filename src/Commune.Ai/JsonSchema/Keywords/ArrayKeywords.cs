using System.Text.Json;

namespace Commune.Ai.JsonSchema.Keywords;

/// <summary><c>prefixItems</c>, and <c>items</c> for those behind them.</summary>
internal sealed class ItemsKeyword(IReadOnlyList<SchemaNode> prefix, SchemaNode? rest) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        if (value.Kind != JsonValueKind.Array)
            return true;
        var valid = true;
        for (var i = 0; i < value.Items.Count && !evaluation.LimitReached; i++)
        {
            if (i < prefix.Count)
                valid &= prefix[i].Evaluate(evaluation, value.Items[i], JsonPointer.Append(instancePath, i), $"{schemaPath}/prefixItems/{i}", outer: null);
            else if (rest is not null)
                valid &= rest.Evaluate(evaluation, value.Items[i], JsonPointer.Append(instancePath, i), schemaPath + "/items", outer: null);
            else
                break;
        }

        parts?.AddFirst(rest is null ? Math.Min(prefix.Count, value.Items.Count) : value.Items.Count);
        return valid;
    }
}

/// <summary><c>contains</c> with <c>minContains</c> and <c>maxContains</c>.</summary>
internal sealed class ContainsKeyword(SchemaNode schema, ExactNumber least, string leastShown, ExactNumber? most, string? mostShown) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        if (value.Kind != JsonValueKind.Array)
            return true;
        var count = 0;
        for (var i = 0; i < value.Items.Count; i++)
        {
            var index = i;
            var (fits, _) = evaluation.Try(() => schema.Evaluate(
                evaluation, value.Items[index], JsonPointer.Append(instancePath, index), schemaPath + "/contains", outer: null));
            if (evaluation.LimitReached)
                return false;
            if (!fits)
                continue;
            count++;
            parts?.Add(i);
        }

        var found = ExactNumber.Of(count);
        if (found.CompareTo(least) < 0)
        {
            return evaluation.Fail(instancePath, schemaPath + (least.CompareTo(ExactNumber.Of(1)) == 0 ? "/contains" : "/minContains"),
                $"must have at least {leastShown} of the items that contains describes, but has {count}");
        }

        if (most is { } bound && found.CompareTo(bound) > 0)
        {
            return evaluation.Fail(instancePath, schemaPath + "/maxContains",
                $"must have at most {mostShown} of the items that contains describes, but has {count}");
        }

        return true;
    }
}

/// <summary><c>uniqueItems</c>: true.</summary>
internal sealed class UniqueItemsKeyword : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var seen = new Dictionary<JsonData, int>();
        for (var i = 0; i < value.Items.Count; i++)
        {
            if (!seen.TryAdd(value.Items[i], i))
            {
                return evaluation.Fail(instancePath, schemaPath + "/uniqueItems",
                    $"must not have an item twice, but items {seen[value.Items[i]]} and {i} are the same");
            }
        }

        return evaluation.Spend(value.Items.Count);
    }
}

/// <summary><c>unevaluatedItems</c>.</summary>
internal sealed class UnevaluatedItemsKeyword(SchemaNode schema) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var valid = true;
        for (var i = 0; i < value.Items.Count; i++)
        {
            if (parts!.Has(i))
                continue;
            valid &= schema.Evaluate(evaluation, value.Items[i], JsonPointer.Append(instancePath, i), schemaPath + "/unevaluatedItems", outer: null);
        }

        parts!.AddFirst(value.Items.Count);
        return valid;
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;

namespace Commune.Ai.JsonSchema.Keywords;

/// <summary><c>properties</c>, <c>patternProperties</c> and <c>additionalProperties</c>: the last is about what the others leave.</summary>
internal sealed class PropertiesKeyword(
    IReadOnlyDictionary<string, SchemaNode> properties, IReadOnlyList<(string Source, Regex Pattern, SchemaNode Schema)> patterns, SchemaNode? additional)
    : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        if (value.Kind != JsonValueKind.Object)
            return true;
        var valid = true;
        foreach (var (name, member) in value.Members)
        {
            if (evaluation.LimitReached)
                return false;
            var path = JsonPointer.Append(instancePath, name);
            var named = false;
            if (properties.TryGetValue(name, out var schema))
            {
                named = true;
                valid &= schema.Evaluate(evaluation, member, path, JsonPointer.Append(schemaPath + "/properties", name), outer: null);
            }

            foreach (var (source, pattern, patternSchema) in patterns)
            {
                if (!evaluation.Matches(pattern, name))
                    continue;
                named = true;
                valid &= patternSchema.Evaluate(evaluation, member, path, JsonPointer.Append(schemaPath + "/patternProperties", source), outer: null);
            }

            if (!named && additional is not null)
            {
                named = true;
                valid &= additional.Evaluate(evaluation, member, path, schemaPath + "/additionalProperties", outer: null);
            }

            if (named)
                parts?.Add(name);
        }

        return valid;
    }
}

/// <summary><c>required</c>.</summary>
internal sealed class RequiredKeyword(IReadOnlyList<string> names) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        if (value.Kind != JsonValueKind.Object)
            return true;
        var valid = true;
        foreach (var name in names)
        {
            if (!value.Members.ContainsKey(name))
                valid = evaluation.Fail(instancePath, schemaPath + "/required", $"must have the member {Phrase.Quote(name)}");
        }

        return valid;
    }
}

/// <summary><c>dependentRequired</c>, and the names of the older <c>dependencies</c>.</summary>
internal sealed class DependentRequiredKeyword(string keyword, IReadOnlyDictionary<string, IReadOnlyList<string>> needs) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var valid = true;
        foreach (var (name, needed) in needs)
        {
            if (!value.Members.ContainsKey(name))
                continue;
            foreach (var other in needed.Where(other => !value.Members.ContainsKey(other)))
            {
                valid = evaluation.Fail(instancePath, JsonPointer.Append($"{schemaPath}/{keyword}", name),
                    $"must have the member {Phrase.Quote(other)}, since it has {Phrase.Quote(name)}");
            }
        }

        return valid;
    }
}

/// <summary><c>dependentSchemas</c>, and the schemas of the older <c>dependencies</c>.</summary>
internal sealed class DependentSchemasKeyword(string keyword, IReadOnlyDictionary<string, SchemaNode> schemas) : Keyword
{
    public override IEnumerable<SchemaNode> SamePlace => schemas.Values;

    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var valid = true;
        foreach (var (name, schema) in schemas)
        {
            if (value.Members.ContainsKey(name))
                valid &= schema.Evaluate(evaluation, value, instancePath, JsonPointer.Append($"{schemaPath}/{keyword}", name), parts);
        }

        return valid;
    }
}

/// <summary><c>propertyNames</c>.</summary>
internal sealed class PropertyNamesKeyword(SchemaNode schema) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var valid = true;
        foreach (var name in value.Members.Keys)
        {
            var (fits, errors) = evaluation.Try(() => schema.Evaluate(
                evaluation, JsonData.OfText(name), instancePath, schemaPath + "/propertyNames", outer: null));
            if (!fits)
            {
                var reason = errors.Count > 0 ? ": a name here " + errors[0].Message : "";
                valid = evaluation.Fail(instancePath, schemaPath + "/propertyNames", $"must not have the member {Phrase.Quote(name)}{reason}");
            }

            if (evaluation.LimitReached)
                return false;
        }

        return valid;
    }
}

/// <summary><c>unevaluatedProperties</c>.</summary>
internal sealed class UnevaluatedPropertiesKeyword(SchemaNode schema) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var valid = true;
        foreach (var (name, member) in value.Members)
        {
            if (parts!.Has(name))
                continue;
            valid &= schema.Evaluate(evaluation, member, JsonPointer.Append(instancePath, name), schemaPath + "/unevaluatedProperties", outer: null);
            parts.Add(name);
        }

        return valid;
    }
}

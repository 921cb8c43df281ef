using System.Text.Json;

namespace Commune.Ai.JsonSchema.Keywords;

/// <summary><c>type</c>: one or several.</summary>
internal sealed class TypeKeyword(IReadOnlyList<string> types) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        var type = value.TypeName;
        if (types.Contains(type, StringComparer.Ordinal) || (type == "integer" && types.Contains("number", StringComparer.Ordinal)))
            return true;
        return evaluation.Fail(instancePath, schemaPath + "/type", $"must be {Phrase.OneOf(types)}, but is {type}");
    }
}

/// <summary><c>enum</c>, and <c>const</c>, which is an enum of one.</summary>
internal sealed class EnumKeyword(string keyword, IReadOnlyList<JsonData> allowed) : Keyword
{
    private readonly HashSet<JsonData> set = [.. allowed];

    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts) =>
        set.Contains(value) || evaluation.Fail(instancePath, $"{schemaPath}/{keyword}", $"must be {Phrase.OneOf([.. allowed.Take(20).Select(Phrase.Of)])}");
}

/// <summary><c>minimum</c>, <c>maximum</c> and the exclusive ones.</summary>
/// <param name="sign">1 where the bound is the lowest, −1 where it is the highest.</param>
internal sealed class BoundKeyword(string keyword, JsonData bound, int sign, bool exclusive) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        if (value.Kind != JsonValueKind.Number)
            return true;
        var order = sign * value.Number.CompareTo(bound.Number);
        if (exclusive ? order > 0 : order >= 0)
            return true;
        var words = (sign, exclusive) switch { (1, false) => "at least", (1, true) => "greater than", (_, false) => "at most", _ => "less than" };
        return evaluation.Fail(instancePath, $"{schemaPath}/{keyword}", $"must be {words} {Phrase.Of(bound)}");
    }
}

/// <summary><c>multipleOf</c>.</summary>
internal sealed class MultipleOfKeyword(JsonData divisor) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts) =>
        value.Kind != JsonValueKind.Number || value.Number.IsMultipleOf(divisor.Number)
        || evaluation.Fail(instancePath, schemaPath + "/multipleOf", $"must be a multiple of {Phrase.Of(divisor)}");
}

/// <summary><c>minLength</c> … <c>maxProperties</c>: how many characters, items or members a value has.</summary>
/// <param name="sign">1 where the bound is the lowest, −1 where it is the highest.</param>
internal sealed class CountKeyword(string keyword, JsonValueKind kind, ExactNumber bound, string shown, int sign) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts)
    {
        if (value.Kind != kind || !evaluation.Spend(value.Text.Length / 16))
            return value.Kind != kind;
        var count = kind switch
        {
            JsonValueKind.String => value.Text.EnumerateRunes().Count(),
            JsonValueKind.Array => value.Items.Count,
            _ => value.Members.Count,
        };
        if (sign * ExactNumber.Of(count).CompareTo(bound) >= 0)
            return true;
        var unit = kind switch { JsonValueKind.String => "characters", JsonValueKind.Array => "items", _ => "members" };
        return evaluation.Fail(instancePath, $"{schemaPath}/{keyword}", $"must have at {(sign > 0 ? "least" : "most")} {shown} {unit}, but has {count}");
    }
}

/// <summary><c>pattern</c>.</summary>
internal sealed class PatternKeyword(string source, System.Text.RegularExpressions.Regex pattern) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts) =>
        value.Kind != JsonValueKind.String || evaluation.Matches(pattern, value.Text)
        || evaluation.Fail(instancePath, schemaPath + "/pattern", $"must match the pattern {source}");
}

/// <summary><c>format</c> where it is asserted.</summary>
internal sealed class FormatKeyword(string name, Func<string, bool> isValid) : Keyword
{
    public override bool Evaluate(Evaluation evaluation, JsonData value, string instancePath, string schemaPath, EvaluatedParts? parts) =>
        value.Kind != JsonValueKind.String || (evaluation.Spend(1 + (value.Text.Length / 16)) && isValid(value.Text))
        || evaluation.Fail(instancePath, schemaPath + "/format", $"must be of the format {name}");
}

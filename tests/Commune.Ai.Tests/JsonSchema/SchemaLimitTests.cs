using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Ai.JsonSchema;

namespace Commune.Ai.Tests.JsonSchema;

/// <summary>No schema and no value makes the validator crash, hang or swell.</summary>
public sealed class SchemaLimitTests(ITestOutputHelper output)
{
    private static readonly string[] Names =
    [
        "type", "enum", "const", "minimum", "exclusiveMaximum", "multipleOf", "minLength", "maxItems", "pattern", "uniqueItems", "required", "dependentRequired", "format",
        "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "properties", "patternProperties", "additionalProperties", "propertyNames", "dependentSchemas", "items",
        "prefixItems", "contains", "minContains", "unevaluatedProperties", "unevaluatedItems", "$ref", "$dynamicRef", "$anchor", "$dynamicAnchor", "$id", "$defs", "$schema",
    ];

    private static readonly string[] Texts =
    [
        "object", "string", "integer", "#", "#/$defs/a", "#a", "a", "b", "^(a+)+$", "(?=(a+)+b)", "[", "\\p{L}", "[\\d-z]", "date", "email", "idn-hostname", "uri", "regex",
        "http://x/y", "urn:a", "\uD83D\uDE00", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", "/", "~1", "xn--a", "2026-01-01T00:00:60Z",
    ];

    [Fact]
    public void Random_schemas_and_values_end_in_a_verdict_in_bounded_time()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var read = 0;
        foreach (var random in new[] { new Random(20261121), new Random(seed) })
        {
            for (var round = 0; round < 4000; round++)
            {
                var text = Value(random, 5, schema: true)?.ToJsonString() ?? "null";
                var began = Stopwatch.GetTimestamp();
                if (CompiledSchema.TryRead(JsonDocument.Parse(text).RootElement, new SchemaOptions { AssertFormats = true }, out var schema, out var problems))
                {
                    read++;
                    for (var i = 0; i < 5; i++)
                        schema.Validate(Value(random, 4, schema: false));
                }
                else
                {
                    Assert.NotEmpty(problems);
                }

                Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20), text);
            }
        }

        Assert.True(read > 500, $"only {read} schemas could be read");
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}""")]
    public void A_reference_that_leads_back_to_itself_is_refused(string schema)
    {
        Assert.False(CompiledSchema.TryRead(Json(schema), new SchemaOptions(), out _, out var problems));
        Assert.Contains("back to itself", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_that_doubles_the_work_at_every_step_is_given_up()
    {
        var defs = new StringBuilder();
        for (var i = 0; i < 60; i++)
            defs.Append($$"""{{(i > 0 ? "," : "")}}"n{{i}}":{"allOf":[{"$ref":"#/$defs/n{{i + 1}}"},{"$ref":"#/$defs/n{{i + 1}}"}]}""");
        var schema = Read("{\"$ref\":\"#/$defs/n0\",\"$defs\":{" + defs + ",\"n60\":{}}}");
        Assert.True(schema.Validate(Json("1")).LimitReached);
    }

    [Fact]
    public void A_pattern_that_backtracks_without_end_is_given_up()
    {
        var schema = Read("""{"pattern":"^(?=(a+)+b)"}""");
        var result = schema.Validate(JsonValue.Create(new string('a', 60)));
        Assert.True(result.LimitReached);
        Assert.False(result.IsValid);
    }

    [Fact]
    public void A_pattern_without_look_around_takes_time_with_the_text_alone()
    {
        Assert.False(Read("""{"pattern":"^(a+)+$"}""").Validate(JsonValue.Create(new string('a', 20_000) + "b")).LimitReached);
    }

    [Fact]
    public void A_dynamic_reference_in_a_circle_is_given_up()
    {
        Assert.True(Read("""{"$dynamicAnchor":"a","$dynamicRef":"#a"}""").Validate(Json("1")).LimitReached);
    }

    [Theory]
    [InlineData("1e999999999999", "7", true)]
    [InlineData("1e999999999999", "10", true)]
    [InlineData("1e-999999999999", "10", false)]
    public void Numbers_beyond_all_measure_are_counted_with(string number, string divisor, bool either)
    {
        var result = Read($$"""{"multipleOf":{{divisor}},"maximum":1e999999999999}""").Validate(Json(number));
        Assert.Equal(either && divisor == "10", result.IsValid);
    }

    [Fact]
    public void A_schema_above_64_KB_is_refused()
    {
        var large = new JsonObject { ["description"] = new string('x', SchemaLimits.Bytes) };
        Assert.Contains("64 KB", Assert.Single(SchemaCheck.Problems(JsonSerializer.SerializeToElement(large))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"text"}}}""", "/properties/a/type", "must be string, number")]
    [InlineData("""{"type":"object","properties":{"a/b":{"minLength":-1}}}""", "/properties/a~1b/minLength", "whole number")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"https://x.example/a"}}}""", "/properties/a/$ref", "put it under $defs")]
    [InlineData("""{"type":"object","properties":{"a":{"items":[{}]}}}""", "/properties/a/items", "write prefixItems")]
    [InlineData("""{"type":"object","properties":{"a":{"pattern":"[a"}}}""", "/properties/a/pattern", "not closed")]
    [InlineData("""{"type":"object","properties":{"a":{"enum":"x"}}}""", "/properties/a/enum", "array")]
    [InlineData("""{"type":"array","properties":{}}""", "/type", "must be \"object\"")]
    [InlineData("""{"type":"object"}""", "/properties", "names the fields")]
    public void A_mistake_is_pointed_to_with_what_to_do(string schema, string path, string says)
    {
        var problem = Assert.Single(SchemaCheck.Problems(Json(schema)));
        Assert.Equal(path, problem.Path);
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_says_where_in_the_value_and_in_the_schema()
    {
        var schema = Read("""{"properties":{"list":{"items":{"$ref":"#/$defs/n"}}},"$defs":{"n":{"type":"integer","maximum":5}}}""");
        var error = Assert.Single(schema.Validate(Json("""{"list":[1,9]}""")).Errors);
        Assert.Equal(("/list/1", "/properties/list/items/$ref/maximum", "must be at most 5"), (error.InstancePath, error.SchemaPath, error.Message));
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static CompiledSchema Read(string text)
    {
        Assert.True(CompiledSchema.TryRead(Json(text), new SchemaOptions(), out var schema, out var problems), problems.Count > 0 ? problems[0].ToString() : "");
        return schema;
    }

    private static JsonNode? Value(Random random, int depth, bool schema) => random.Next(depth > 0 ? 12 : 5) switch
    {
        0 => random.Next(3) - 1,
        1 => random.Next(2) == 0,
        2 => schema ? true : null,
        3 => random.NextDouble() * 1e10,
        4 => Texts[random.Next(Texts.Length)],
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1, schema))]),
        _ => Object(random, depth, schema),
    };

    private static JsonObject Object(Random random, int depth, bool schema)
    {
        var made = new JsonObject();
        for (var i = random.Next(4); i > 0; i--)
        {
            var name = schema && random.Next(4) > 0 ? Names[random.Next(Names.Length)] : Texts[random.Next(Texts.Length)];
            made[name] = name switch
            {
                _ when random.Next(8) == 0 => Value(random, depth - 1, schema),
                "type" => Texts[random.Next(3)],
                "minLength" or "maxItems" or "minContains" or "minimum" or "exclusiveMaximum" => random.Next(5),
                "multipleOf" => 0.5,
                "required" or "enum" => new JsonArray("a", "b"),
                "pattern" or "format" or "$ref" or "$dynamicRef" or "$anchor" or "$dynamicAnchor" or "$id" => Texts[random.Next(Texts.Length)],
                "allOf" or "anyOf" or "oneOf" or "prefixItems" => new JsonArray(Object(random, depth - 1, schema), Object(random, depth - 1, schema)),
                "properties" or "$defs" or "dependentSchemas" => new JsonObject { ["a"] = Object(random, depth - 1, schema), ["b"] = true },
                _ => depth > 0 ? Object(random, depth - 1, schema) : true,
            };
        }

        return made;
    }
}

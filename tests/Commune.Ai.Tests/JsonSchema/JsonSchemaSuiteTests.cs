using System.Text.Json;
using Commune.Ai.JsonSchema;

namespace Commune.Ai.Tests.JsonSchema;

/// <summary>The official suite for draft 2020-12. Remote schemas come from its folder, the metaschema is a short one of ours under the official name.</summary>
public sealed class JsonSchemaSuiteTests(ITestOutputHelper output)
{
    private const string Draft = "https://json-schema.org/draft/2020-12/schema";

    private const string Bidi = "the rule for directions (RFC 5893) guards against names that look like others; it decides nothing for a value read out of a mail";

    /// <summary>Optional cases that we decide not to pass, by name, and why.</summary>
    private static readonly Dictionary<string, string> LeftOut = new(StringComparer.Ordinal)
    {
        ["cross-draft: refs to historic drafts are processed as historic drafts: first item not a string is valid"] =
            "a schema in an earlier draft is read as 2020-12; where that would mean something else it is refused by name",
        ["idn-hostname: validation of internationalized host names: Bidi domain name with a digit-first label"] = Bidi,
        ["idn-hostname: validation of internationalized host names: label starting with a digit before a right-to-left letter"] = Bidi,
        ["idn-hostname: validation of internationalized host names: left-to-right label containing a right-to-left letter"] = Bidi,
        ["idn-hostname: validation of internationalized host names: right-to-left label mixing both digit types"] = Bidi,
        ["idn-hostname: validation of internationalized host names: A-label that decodes to a Bidi rule violation"] = Bidi,
    };

    [Fact]
    public void Every_required_case_of_the_suite_gives_the_expected_result()
    {
        var (failures, count) = Run("", assertFormats: false);
        output.WriteLine($"JSON Schema 2020-12, required: {count - failures.Count} of {count}");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.True(count > 1200, $"{count} cases");
    }

    [Fact]
    public void Every_optional_case_gives_the_expected_result_or_is_left_out_by_name()
    {
        var (failures, count) = Run("optional", assertFormats: false);
        output.WriteLine($"optional: {count - failures.Count} of {count}");
        var (formats, formatCount) = Run("optional/format", assertFormats: true);
        output.WriteLine($"optional formats, asserted: {formatCount - formats.Count} of {formatCount}");
        var unexpected = failures.Concat(formats).Where(failure => !LeftOut.Keys.Any(name => failure.StartsWith(name, StringComparison.Ordinal))).ToList();
        foreach (var (name, reason) in LeftOut)
            output.WriteLine($"left out: {name}: {reason}");
        Assert.Equal(LeftOut.Count, failures.Count + formats.Count - unexpected.Count);
        Assert.True(unexpected.Count == 0, string.Join('\n', unexpected));
    }

    private (List<string> Failures, int Count) Run(string folder, bool assertFormats)
    {
        var path = Machine.Conformance(Path.Combine("json-schema/tests", folder));
        var options = new SchemaOptions { AssertFormats = assertFormats, Documents = Remotes() };
        var failures = new List<string>();
        var count = 0;
        foreach (var file in Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal))
        {
            var (inFile, before) = (count, failures.Count);
            foreach (var group in JsonDocument.Parse(File.ReadAllText(file)).RootElement.EnumerateArray())
            {
                var read = CompiledSchema.TryRead(group.GetProperty("schema"), options, out var schema, out var problems);
                foreach (var test in group.GetProperty("tests").EnumerateArray())
                {
                    count++;
                    var expected = test.GetProperty("valid").GetBoolean();
                    var name = $"{Path.GetFileNameWithoutExtension(file)}: {group.GetProperty("description")}: {test.GetProperty("description")}";
                    if (!read)
                        failures.Add($"{name}: not read: {problems[0]}");
                    else if (schema!.Validate(test.GetProperty("data")) is var result && (result.IsValid != expected || result.LimitReached))
                        failures.Add($"{name}: {(result.IsValid ? "valid" : result.Errors[0])}");
                }
            }

            output.WriteLine($"{folder}/{Path.GetFileName(file)}: {count - inFile - (failures.Count - before)} of {count - inFile}");
        }

        return (failures, count);
    }

    private static Dictionary<string, JsonElement> Remotes()
    {
        var folder = Machine.Conformance("json-schema/remotes");
        var map = Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).ToDictionary(
            file => "http://localhost:1234/" + Path.GetRelativePath(folder, file).Replace('\\', '/'),
            static file => JsonDocument.Parse(File.ReadAllText(file)).RootElement, StringComparer.Ordinal);
        map[Draft] = JsonDocument.Parse(ShortMetaschema.Text).RootElement;
        return map;
    }
}

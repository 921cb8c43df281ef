using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Commune.Server.Api.Description;
using Commune.Server.Tests.Running;
using Microsoft.OpenApi;

namespace Commune.Server.Tests.Api.Description;

/// <summary>The OpenAPI document: complete, valid, and the same as yesterday unless somebody meant to change it.</summary>
public sealed partial class OpenApiTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    private static string Golden([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "openapi.json");

    [Fact]
    public void It_is_as_the_file_beside_this_test_says()
    {
        var now = ApiTable.Document.ToJsonString(Readable) + "\n";
        if (Environment.GetEnvironmentVariable("COMMUNE_TESTS_WRITE_GOLDEN") == "1")
            File.WriteAllText(Golden(), now);
        Assert.True(File.ReadAllText(Golden()) == now,
            "The description of the API has changed. If that was meant, run this test with COMMUNE_TESTS_WRITE_GOLDEN=1 and look at the difference before it is committed.");
    }

    [Fact]
    public void A_reader_of_others_finds_nothing_wrong_with_it()
    {
        var read = Microsoft.OpenApi.OpenApiDocument.Parse(ApiTable.Document.ToJsonString().Replace(Commune.Server.Api.Description.OpenApiDocument.BaseUrl, "https://mail.example", StringComparison.Ordinal), "json");
        Assert.Empty(read.Diagnostic!.Errors.Select(static error => error.ToString()));
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Equal(ApiTable.Routes.Count, read.Document!.Paths.Sum(static path => path.Value.Operations!.Count));
        Assert.Empty(read.Document.Validate(ValidationRuleSet.GetDefaultRuleSet()).Select(static error => error.ToString()));
    }

    [Fact]
    public void Every_route_is_in_it_and_nothing_else()
    {
        var described = ApiTable.Document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"));
        JsonAssert.Texts([.. ApiTable.Routes.Select(static route => $"{route.Method} {route.Path}").Order(StringComparer.Ordinal)], described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_endpoint_says_what_it_is() => Assert.All(ApiTable.Operations, static operation =>
    {
        Assert.True(operation.Route.Call is not null, $"{operation} is not described: add .Is(Call.Named(\"noun.verb\")…) where it is mapped (see Api/Description/Call.cs).");
        Assert.True((string)operation.Description["summary"]! != operation.Id, $"{operation} has no sentence: comment its handler, or add .Saying(…).");
    });

    [Fact]
    public void Operation_ids_are_unique()
    {
        var ids = ApiTable.Operations.Select(static operation => operation.Id).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void A_twin_names_a_call_that_is_no_twin_itself()
    {
        var firsts = ApiTable.Routes.Where(static route => route.Twin is null).Select(static route => route.Id).ToHashSet(StringComparer.Ordinal);
        Assert.All(ApiTable.Routes.Where(static route => route.Twin is not null), route => Assert.True(firsts.Contains(route.Twin!), $"{route.Id} is a twin of {route.Twin}"));
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        foreach (var reference in References(ApiTable.Document))
        {
            var target = reference.Split('/').Skip(1).Aggregate((JsonNode?)ApiTable.Document, static (node, name) => node?[name]);
            Assert.True(target is not null, $"{reference} leads nowhere");
        }
    }

    [Fact]
    public void Every_component_is_used()
    {
        var used = References(ApiTable.Document).ToHashSet(StringComparer.Ordinal);
        // Event is what streams carry, which no schema of an answer can say.
        Assert.All(ApiTable.Schemas.Select(static schema => schema.Key).Where(static name => name != "Event"), name => Assert.Contains("#/components/schemas/" + name, used));
    }

    [Fact]
    public void Examples_are_as_their_schemas_say()
    {
        foreach (var operation in ApiTable.Operations)
        {
            if (operation.Example is { } example)
                Assert.Empty(SchemaCheck.Problems(example, operation.BodySchema!, ApiTable.Schemas).Select(problem => $"{operation}: {problem}"));
            var (status, schema) = operation.Success;
            if (schema is not null)
            {
                var answer = operation.Description["responses"]![status.ToString()]!["content"]!["application/json"]!["example"];
                Assert.Empty(SchemaCheck.Problems(answer, schema, ApiTable.Schemas).Select(problem => $"{operation}: {problem}"));
            }
        }
    }

    [Fact]
    public void The_types_of_events_are_those_of_the_manual()
    {
        var manual = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Golden())!, "../../../../docs/events.md"));
        var listed = TypesInTable().Matches(manual[manual.IndexOf("## Types", StringComparison.Ordinal)..manual.IndexOf("## What is guaranteed", StringComparison.Ordinal)])
            .SelectMany(static row => row.Value.Split('|')[1].Split(',')).Select(static type => type.Trim(' ', '`')).Order(StringComparer.Ordinal);
        JsonAssert.Texts([.. listed], EventTypes.All.Select(static type => type.Name).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(static member => member.Key == "$ref" ? [(string)member.Value!] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    [GeneratedRegex(@"^\| `[a-z_]+\.[a-z_]+`.*$", RegexOptions.Multiline)]
    private static partial Regex TypesInTable();
}

/// <summary>The document and the page as the program serves them.</summary>
public abstract class DescriptionPageTests(Engine engine) : ServerTests(engine)
{
    [Fact]
    public async Task The_document_needs_no_key_and_names_this_server()
    {
        var answer = (await Server.WithKey(null).GetAsync("/openapi.json")).Expect(200);
        Assert.Equal("application/json", answer.ContentHeaders.ContentType!.MediaType);
        Assert.Equal("3.1.1", (string)answer.Json["openapi"]!);
        Assert.Equal(Server.Program.Http.ToString().TrimEnd('/'), (string)answer.Json["servers"]![0]!["url"]!);
        Assert.Equal(ApiTable.Document["paths"]!.AsObject().Count, answer.Json["paths"]!.AsObject().Count);
        Assert.DoesNotContain("{{", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_has_every_call_and_loads_nothing()
    {
        var answer = (await Server.WithKey(null).GetAsync("/docs")).Expect(200);
        Assert.Equal("text/html", answer.ContentHeaders.ContentType!.MediaType);
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)<script|<link|<img|<iframe|@import|url\\(| on[a-z]+=|src=|\\{\\{", answer.Text);
        Assert.All(ApiTable.Routes.Where(static route => route.Twin is null), route => Assert.Contains($"<article id=\"{route.Id}\">", answer.Text, StringComparison.Ordinal));
        Assert.Contains($"curl -s &quot;{Server.Program.Http.ToString().TrimEnd('/')}/v1/domains&quot;", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_of_the_host_cannot_break_out_of_either()
    {
        foreach (var path in (string[])["/openapi.json", "/docs"])
        {
            var answer = await Server.WithKey(null).SendAsync(HttpMethod.Get, path, null, ("Host", "a\"<b>.example"));
            Assert.DoesNotContain("a\"<b>", answer.Text, StringComparison.Ordinal);
        }
    }
}

public sealed class SqliteDescriptionPageTests(SqliteEngine engine) : DescriptionPageTests(engine);

public sealed class PostgresDescriptionPageTests(PostgresEngine engine) : DescriptionPageTests(engine);

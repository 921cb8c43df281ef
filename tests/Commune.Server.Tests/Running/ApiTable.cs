using System.Text.Json.Nodes;
using Commune.Server.Api.Description;
using Commune.Server.Hosting;
using Microsoft.AspNetCore.Routing;

namespace Commune.Server.Tests.Running;

/// <summary>Every endpoint under <c>/v1</c>, as the program itself routes it, and their description. What is not routed is not here, and nothing can be forgotten.</summary>
internal static class ApiTable
{
    private static readonly Lazy<(IReadOnlyList<ApiRoute> Routes, JsonObject Document)> Made = new(Make);

    public static IReadOnlyList<ApiRoute> Routes => Made.Value.Routes;

    /// <summary>The OpenAPI document; <see cref="OpenApiDocument.BaseUrl"/> stands for the address.</summary>
    public static JsonObject Document => Made.Value.Document;

    public static JsonObject Schemas => Document["components"]!["schemas"]!.AsObject();

    /// <summary>Each route with what the document says of it.</summary>
    public static IEnumerable<ApiOperation> Operations => Routes.Select(static route =>
        new ApiOperation(route, Document["paths"]![route.Path]![route.Method.ToLowerInvariant()]!.AsObject()));

    private static (IReadOnlyList<ApiRoute> Routes, JsonObject Document) Make()
    {
        var directory = Directory.CreateTempSubdirectory("commune-table-");
        try
        {
            // Built and not started: its routes are known then.
            using var app = CommuneHost.Build(
                CommuneHost.CreateBuilder(["--Commune:DataDirectory", directory.FullName, "--Commune:Smtp:Listen", "127.0.0.1:0"]), out _);
            var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(static source => source.Endpoints).ToList();
            return (ApiRoute.In(endpoints), OpenApiDocument.Of(endpoints));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}

/// <summary>One call: how it is routed, and how it is described.</summary>
internal sealed record ApiOperation(ApiRoute Route, JsonObject Description)
{
    public string Id => Route.Id;

    public HttpMethod Method => new(Route.Method);

    public IReadOnlyList<JsonObject> QueryFields =>
        [.. ((Description["parameters"] as JsonArray) ?? []).Select(static parameter => parameter!.AsObject()).Where(static parameter => (string?)parameter["in"] == "query")];

    /// <summary>The example of a JSON body; null when the call takes none.</summary>
    public JsonObject? Example => Description["requestBody"]?["content"]?["application/json"]?["example"]?.DeepClone().AsObject();

    /// <summary>The schema of a JSON body, not a reference to it.</summary>
    public JsonObject? BodySchema => Description["requestBody"]?["content"]?["application/json"]?["schema"] is JsonObject schema ? SchemaCheck.Resolve(schema, ApiTable.Schemas) : null;

    public (int Status, JsonObject? Schema) Success
    {
        get
        {
            var (status, response) = Description["responses"]!.AsObject().First(static response => response.Key[0] is '1' or '2');
            return (int.Parse(status), response!["content"]?["application/json"]?["schema"]?.AsObject());
        }
    }

    /// <summary>The path with example ids in it, and the example query.</summary>
    public string Path(Func<JsonObject, bool>? wanted = null)
    {
        var path = Route.Parameters.Aggregate(Route.Path, static (path, name) => path.Replace($"{{{name}}}", ExampleIds.OfPath(name), StringComparison.Ordinal));
        var query = QueryFields.Where(field => field["example"] is not null && (wanted is null || wanted(field)))
            .Select(static field => $"{field["name"]}={Uri.EscapeDataString(field["example"]!.ToString())}");
        return $"{path}?{string.Join('&', query)}".TrimEnd('?');
    }

    public override string ToString() => $"{Route.Method} {Route.Path}";
}

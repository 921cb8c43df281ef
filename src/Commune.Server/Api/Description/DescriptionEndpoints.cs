using System.Text;
using System.Text.Json;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Description;

/// <summary>What the API is: the OpenAPI document for programs, and a page made of it for people. Nobody needs a key to read them.</summary>
internal static class DescriptionEndpoints
{
    public static void MapDescription(this IEndpointRouteBuilder routes)
    {
        // Made when it is first asked for: until then it costs nothing.
        var document = new Lazy<string>(() => OpenApiDocument.Of(routes.DataSources.SelectMany(static source => source.Endpoints)).ToJsonString(ApiJson.Options));
        var page = new Lazy<ReferencePage>(() => ReferencePage.Of(document.Value));
        routes.MapGet("/openapi.json", (HttpContext http, PublicAddress address) =>
        {
            // Pages of other origins may read what is public anyway: viewers of such documents are such pages.
            http.Response.Headers.AccessControlAllowOrigin = "*";
            return Results.Text(
                document.Value.Replace(OpenApiDocument.BaseUrl, JsonEncodedText.Encode(address.Of(http.Request)).ToString(), StringComparison.Ordinal),
                "application/json", Encoding.UTF8);
        });
        routes.MapGet("/docs", (HttpContext http, PublicAddress address) => page.Value.Answer(http, address.Of(http.Request)));
    }
}

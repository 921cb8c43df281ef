using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commune.Server.Api.Description;

/// <summary>A call as a line for the shell, with the examples of the document in it.</summary>
internal static class CurlExample
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(string method, string path, JsonObject operation)
    {
        var parameters = (operation["parameters"] as JsonArray)?.Select(static parameter => parameter!.AsObject()).ToList() ?? [];
        foreach (var parameter in parameters.Where(static parameter => (string?)parameter["in"] == "path"))
            path = path.Replace($"{{{parameter["name"]}}}", (string)parameter["example"]!, StringComparison.Ordinal);
        var query = parameters.Where(static parameter => (string?)parameter["in"] == "query" && parameter["example"] is not null)
            .Select(static parameter => $"{parameter["name"]}={Uri.EscapeDataString(parameter["example"]!.ToString())}").ToList();
        var line = new StringBuilder("curl -s");
        if (method != "GET")
            line.Append($" -X {method}");
        line.Append($" \"{OpenApiDocument.BaseUrl}{path}{(query.Count > 0 ? "?" + string.Join('&', query) : "")}\"");
        if (operation["security"] is not JsonArray { Count: 0 })
            line.Append(" \\\n  -H \"Authorization: Bearer $KEY\"");
        var content = operation["requestBody"]?["content"]?.AsObject();
        if (content?["application/json"]?["example"] is { } example)
            line.Append($" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{example.ToJsonString(Readable).Replace("'", "'\\''", StringComparison.Ordinal)}'");
        else if (content is { Count: > 0 })
            line.Append($" \\\n  -H \"Content-Type: {content.First().Key}\" \\\n  --data-binary @file");
        return line.ToString();
    }
}

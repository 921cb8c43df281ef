using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Commune.Server.Api.Description;

/// <summary>The OpenAPI document as one page to read: no script, nothing loaded from anywhere.</summary>
internal sealed partial class ReferencePage
{
    private const string Style =
        """
        :root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;grid-template-columns:17rem minmax(0,1fr)}
        nav{padding:1rem;border-right:1px solid #8884;height:100vh;overflow:auto;position:sticky;top:0;box-sizing:border-box;font-size:.85rem}
        nav ul{list-style:none;margin:0 0 .8rem;padding:0}nav a{color:inherit;text-decoration:none}nav a:hover{text-decoration:underline}
        main{padding:1rem 2rem;max-width:60rem}section{border-top:1px solid #8884;margin-top:2rem}h3{margin-bottom:.2rem;font-size:1.05rem;overflow-wrap:anywhere}
        code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#8881;padding:.8rem;overflow:auto;border-radius:6px}code{overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #8882}
        .m{display:inline-block;min-width:4rem;font-weight:700}.s{font-size:.85rem;opacity:.8}summary{cursor:pointer;margin:.5rem 0}
        @media(max-width:50rem){body{display:block}nav{height:auto;position:static;border:0}main{padding:1rem}}
        """;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string StyleHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style.ReplaceLineEndings("\n"))));

    private readonly JsonObject document;
    private readonly StringBuilder html = new();
    private readonly string text;

    private ReferencePage(JsonObject document)
    {
        this.document = document;
        Write();
        text = html.ToString();
        // The text is all that is kept.
        this.document = [];
        html.Clear();
    }

    public static ReferencePage Of(string document) => new(JsonNode.Parse(document)!.AsObject());

    public IResult Answer(HttpContext http, string baseUrl)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'sha256-{StyleHash}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return Results.Text(text.Replace(OpenApiDocument.BaseUrl, Safe(baseUrl), StringComparison.Ordinal), "text/html", Encoding.UTF8);
    }

    private void Write()
    {
        var calls = document["paths"]!.AsObject()
            .SelectMany(static path => path.Value!.AsObject().Select(operation => new Entry(operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject())))
            .GroupBy(static call => (string)call.Operation["tags"]![0]!, StringComparer.Ordinal)
            .OrderBy(static noun => noun.Key, StringComparer.Ordinal).ToList();
        html.Append($"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Commune API</title><style>{Style.ReplaceLineEndings("\n")}</style></head><body><nav>");
        foreach (var noun in calls)
        {
            html.Append($"<b><a href=\"#{noun.Key}\">{noun.Key}</a></b><ul>");
            foreach (var call in noun.Where(static call => call.Twin is null))
                html.Append($"<li><a href=\"#{call.Id}\">{call.Id}</a></li>");
            html.Append("</ul>");
        }
        html.Append("<b><a href=\"#event-types\">event types</a></b></nav><main><h1>Commune API</h1>");
        foreach (var paragraph in ((string)document["info"]!["description"]!).Split("\n\n"))
            html.Append($"<p>{Words(paragraph)}</p>");
        html.Append($"<p>For programs: <a href=\"/openapi.json\">openapi.json</a>. In the examples <code>$KEY</code> is your key.</p><pre>export KEY=\"comm_…\"</pre>");
        foreach (var noun in calls)
        {
            html.Append($"<section id=\"{noun.Key}\"><h2>{noun.Key}</h2><p>{Words(TagText(noun.Key))}</p>");
            foreach (var call in noun.Where(static call => call.Twin is null))
                WriteCall(call, [.. noun.Where(other => other.Twin == call.Id)]);
            html.Append("</section>");
        }
        WriteEvents();
        html.Append("</main></body></html>");
    }

    private string TagText(string tag) =>
        (string?)document["tags"]!.AsArray().FirstOrDefault(known => (string?)known!["name"] == tag)?["description"] ?? "";

    private void WriteCall(Entry call, IReadOnlyList<Entry> twins)
    {
        var scope = (string?)call.Operation["x-scope"];
        html.Append($"<article id=\"{call.Id}\"><h3><span class=\"m\">{call.Method}</span><code>{Safe(call.Path)}</code></h3>");
        html.Append($"<p>{Words((string)call.Operation["summary"]!)}</p><p class=\"s\">{(scope is null ? "No credentials needed" : scope.Length == 0 ? "Any credential" : $"Scope <code>{scope}</code>")}");
        foreach (var twin in twins)
            html.Append($" · also <code>{twin.Method} {Safe(twin.Path)}</code>");
        html.Append("</p>");
        var parameters = (call.Operation["parameters"] as JsonArray)?.Select(static parameter => parameter!.AsObject()).Where(static parameter => (string?)parameter["in"] != "path").ToList() ?? [];
        if (parameters.Count > 0)
            WriteTable("Parameters", parameters.Select(parameter => ((string)parameter["name"]!, Kind(parameter["schema"]!.AsObject()) + ((string?)parameter["in"] == "header" ? ", header" : ""),
                (bool?)parameter["required"] == true, (string?)parameter["description"])));
        var json = call.Operation["requestBody"]?["content"]?["application/json"];
        if (json is not null)
            WriteMembers("Body", json["schema"]!.AsObject(), request: true);
        html.Append($"<pre>{Safe(CurlExample.Of(call.Method, call.Path, call.Operation))}</pre>");
        foreach (var (status, response) in call.Operation["responses"]!.AsObject())
        {
            if (response!["content"]?["application/json"] is not { } answer)
                continue;
            html.Append($"<details><summary>{status}: what it answers</summary>");
            WriteMembers("Members", Inner(answer["schema"]!.AsObject()), request: false);
            html.Append($"<pre>{Safe(answer["example"]?.ToJsonString(Indented) ?? "")}</pre></details>");
        }
        var failures = call.Operation["responses"]!.AsObject().Where(static response => response.Value!["$ref"] is not null).Select(static response =>
            $"<code>{response.Key}</code>" + (response.Value!["description"] is { } why ? " " + Words(((string)why!).TrimEnd('.')) : ""));
        html.Append($"<p class=\"s\">Fails with {string.Join(", ", failures)}.</p></article>");
    }

    private void WriteEvents()
    {
        html.Append("<section id=\"event-types\"><h2>event types</h2>");
        WriteTable("Types", document["x-event-types"]!.AsArray().Select(static type => ((string)type!["type"]!, string.Join(", ", type["data"]!.AsArray().Select(static member => (string)member!)), false, (string?)type["when"])));
        html.Append("</section>");
    }

    /// <summary>What an envelope holds is what a reader wants to know.</summary>
    private JsonObject Inner(JsonObject schema)
    {
        var resolved = Resolve(schema);
        return resolved["properties"]?["data"] is JsonObject data
            ? Resolve(data["items"] is JsonObject items ? items : data) : resolved["allOf"] is JsonArray parts ? Resolve(parts[0]!.AsObject()) : resolved;
    }

    private JsonObject Resolve(JsonObject schema)
    {
        var found = schema["$ref"] is { } reference ? document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]!.AsObject() : schema;
        return found["anyOf"] is JsonArray choices && choices[0]!["$ref"] is not null ? Resolve(choices[0]!.AsObject()) : found;
    }

    private void WriteMembers(string title, JsonObject schema, bool request)
    {
        var resolved = Resolve(schema);
        var required = (resolved["required"] as JsonArray)?.Select(static name => (string)name!).ToHashSet(StringComparer.Ordinal) ?? [];
        WriteTable(title, (resolved["properties"]?.AsObject() ?? []).Select(member =>
            (member.Key, Kind(member.Value!.AsObject()), request && required.Contains(member.Key), (string?)member.Value!["description"])));
    }

    private void WriteTable(string title, IEnumerable<(string Name, string Kind, bool Required, string? What)> rows)
    {
        html.Append($"<table><tr><th>{title}</th><th></th><th></th></tr>");
        foreach (var (name, kind, required, what) in rows)
            html.Append($"<tr><td><code>{Safe(name)}</code>{(required ? " <b>needed</b>" : "")}</td><td>{Safe(kind)}</td><td>{Words(what ?? "")}</td></tr>");
        html.Append("</table>");
    }

    private static string Kind(JsonObject schema)
    {
        if (schema["enum"] is JsonArray words)
            return string.Join(" | ", words.Where(static word => word is not null).Select(static word => (string)word!));
        if (schema["$ref"] is { } reference)
            return ((string)reference!).Split('/')[^1];
        if (schema["anyOf"] is JsonArray choices)
            return string.Join(" | ", choices.Select(static choice => Kind(choice!.AsObject())));
        var types = schema["type"] switch { JsonArray several => several.Select(static type => (string)type!), JsonValue one => [(string)one!], _ => ["any"] };
        return string.Join(" | ", types.Select(type => type == "array" ? Kind(schema["items"]!.AsObject()) + "[]" : (string?)schema["format"] == "date-time" && type == "string" ? "time" : type));
    }

    private static string Safe(string text) => HtmlEncoder.Default.Encode(text).Replace("{{base_url}}", OpenApiDocument.BaseUrl, StringComparison.Ordinal);

    /// <summary>Words in back quotes are code.</summary>
    private static string Words(string text) => Code().Replace(Safe(text).Replace("&#x60;", "`", StringComparison.Ordinal), "<code>${code}</code>");

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();

    private sealed record Entry(string Method, string Path, JsonObject Operation)
    {
        public string Id => (string)Operation["operationId"]!;
        public string? Twin => (string?)Operation["x-twin-of"];
    }
}

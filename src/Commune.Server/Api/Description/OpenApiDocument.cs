using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Server.Events;
using Commune.Server.Hosting;
using Commune.Server.Webhooks;

namespace Commune.Server.Api.Description;

/// <summary>Writes the OpenAPI 3.1 document of every endpoint under <c>/v1</c>, from the endpoints themselves.</summary>
internal sealed class OpenApiDocument
{
    /// <summary>Stands for this server's address, which is known when a request comes.</summary>
    public const string BaseUrl = "{{base_url}}";

    private const string About =
        """
        Email for AI agents: inboxes, threads, messages, search, webhooks.

        Every call needs `Authorization: Bearer comm_…`, or `Authorization: Agent <agentId>:<signature>` with an Ed25519 signature of the request body.
        A key has scopes; `read` and `write` stand for all scopes of that kind, `admin` for everything.

        Members of requests and query parameters may be written in snake_case or in camelCase (`inbox_id` or `inboxId`); with both, snake_case wins.
        Unknown members are ignored. Times are ISO 8601 in UTC. One object comes as `{"data": {…}}`, a list as `{"data": […], "next_cursor": …, "has_more": …}`.
        Errors are `{"error": "a sentence", "code": …}`. Every answer to an identified caller has the headers `X-RateLimit-Limit`, `-Remaining` and `-Reset`.
        """;

    private readonly XmlComments comments = XmlComments.Of(typeof(OpenApiDocument).Assembly);
    private readonly Schemas schemas;
    private readonly SortedDictionary<string, string> tags = new(StringComparer.Ordinal);

    private OpenApiDocument() => schemas = new Schemas(comments);

    public static JsonObject Of(IEnumerable<Endpoint> endpoints) => new OpenApiDocument().Write(endpoints);

    private JsonObject Write(IEnumerable<Endpoint> endpoints)
    {
        var paths = new JsonObject();
        foreach (var route in ApiRoute.In(endpoints))
        {
            if (paths[route.Path] is not JsonObject item)
                paths[route.Path] = item = [];
            item[route.Method.ToLowerInvariant()] = Operation(route);
        }
        var error = schemas.Of(typeof(ErrorBody));
        var received = WebhookCall("message.received", "The call for each inbound message: to the inbox's endpoint, and to those of the organisation that ask for it.", typeof(WebhookPayload));
        var other = WebhookCall("event", "The call to an endpoint of the organisation for every other event that it asks for.", typeof(EventPayload));
        schemas.Of(typeof(EventResponse));
        var components = schemas.Components();
        components["Event"]!["properties"]!["type"]!["examples"] = new JsonArray([.. EventTypes.All.Select(static type => JsonValue.Create(type.Name))]);
        AddExamples(paths, components);
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject { ["title"] = "Commune", ["version"] = "1", ["description"] = About },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = BaseUrl }),
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }, new JsonObject { ["agent"] = new JsonArray() }),
            ["tags"] = new JsonArray([.. tags.Select(static tag => new JsonObject { ["name"] = tag.Key, ["description"] = tag.Value })]),
            ["paths"] = paths,
            ["webhooks"] = new JsonObject { ["message.received"] = received, ["event"] = other },
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = Security(),
                ["headers"] = RateLimits(),
                ["responses"] = Failures(error),
                ["schemas"] = components,
            },
            ["x-event-types"] = EventTypes.Write(),
        };
    }

    private JsonObject Operation(ApiRoute route)
    {
        var call = route.Call;
        var tag = route.Id.Split('.', ' ')[0];
        if (route.Handler is { } handler && !tags.ContainsKey(tag))
            tags[tag] = OfNoun(handler) ?? tag;
        var operation = new JsonObject
        {
            ["operationId"] = route.Id,
            ["tags"] = new JsonArray(tag),
            ["summary"] = call?.Summary ?? (route.Handler is null ? null : comments.OfHandler(route.Handler)) ?? route.Id,
        };
        if (route.Twin is { } twin)
        {
            operation["description"] = $"Another spelling of `{twin}`.";
            operation["x-twin-of"] = twin;
        }
        if (call is { IsDeprecated: true })
            operation["deprecated"] = true;
        if (route.Scope is null)
            operation["security"] = new JsonArray();
        else
            operation["x-scope"] = route.Scope;
        if (call?.OneOf.Count > 0)
            operation["x-one-of"] = new JsonArray([.. call.OneOf.Select(static name => JsonValue.Create(name))]);
        var parameters = new JsonArray([.. PathParameters(route), .. (call?.Query ?? []).Select(field => Parameter(field, "query", call!)), .. (call?.Headers ?? []).Select(field => Parameter(field, "header", call!))]);
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (RequestBody(call) is { } body)
            operation["requestBody"] = body;
        operation["responses"] = Responses(route);
        return operation;
    }

    /// <summary>What the file that maps the noun's routes says of it.</summary>
    private string? OfNoun(MethodInfo handler) => typeof(OpenApiDocument).Assembly.GetTypes()
        .Where(type => type.Namespace == handler.DeclaringType!.Namespace && type.Name.EndsWith("Endpoints", StringComparison.Ordinal))
        .Select(comments.OfType).FirstOrDefault();

    private static IEnumerable<JsonObject> PathParameters(ApiRoute route) => route.Parameters.Select(static name => new JsonObject
    {
        ["name"] = name,
        ["in"] = "path",
        ["required"] = true,
        ["schema"] = new JsonObject { ["type"] = "string" },
        ["example"] = ExampleIds.OfPath(name),
    });

    private static JsonObject Parameter(QueryField field, string where, Call call)
    {
        var schema = field.Kind == "date-time"
            ? new JsonObject { ["type"] = "string", ["format"] = "date-time" }
            : new JsonObject { ["type"] = field.Kind };
        if (field.Words.Count > 0)
            schema["enum"] = new JsonArray([.. field.Words.Select(static word => JsonValue.Create(word))]);
        if (field.Least is { } least)
            schema["minimum"] = least;
        if (field.Most is { } most)
            schema["maximum"] = most;
        if (field.Standard is { } standard)
            schema["default"] = standard;
        var words = field.What;
        if (call.OneOf.Contains(field.Name, StringComparer.Ordinal))
            words += $" One of {string.Join(", ", call.OneOf.Select(static name => $"`{name}`"))} is needed.";
        if (where == "query" && field.Name.Contains('_', StringComparison.Ordinal))
            words += $" Also as `{JsonNamingPolicy.CamelCase.ConvertName(string.Concat(field.Name.Split('_').Select(static word => char.ToUpperInvariant(word[0]) + word[1..])))}`.";
        var parameter = new JsonObject { ["name"] = field.Name, ["in"] = where, ["description"] = words, ["schema"] = schema };
        if (field.Required)
            parameter["required"] = true;
        if (field.Example is { } example)
            parameter["example"] = field.Kind is "integer" or "number" ? JsonNode.Parse(example) : JsonValue.Create(example);
        return parameter;
    }

    private JsonObject? RequestBody(Call? call)
    {
        var content = new JsonObject();
        if (call?.Body is { } type)
        {
            var media = new JsonObject { ["schema"] = schemas.Of(type, request: true) };
            if (type.GetCustomAttribute<ExampleAttribute>() is { } example)
                media["example"] = JsonNode.Parse(example.Json);
            content["application/json"] = media;
        }
        foreach (var raw in call?.RawBody ?? [])
            content[raw] = new JsonObject();
        return content.Count == 0 ? null : new JsonObject { ["required"] = call!.Body != typeof(ApiKeys.RotateRequest), ["content"] = content };
    }

    private JsonObject Responses(ApiRoute route)
    {
        var call = route.Call;
        var success = new JsonObject { ["description"] = "Success." };
        if (route.Scope is not null)
            success["headers"] = new JsonObject(RateLimits().Select(static header => KeyValuePair.Create(header.Key, (JsonNode?)new JsonObject { ["$ref"] = "#/components/headers/" + header.Key })));
        if (call?.Answer is { } answer)
            success["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schemas.Of(answer) } };
        else if (call?.RawAnswer is { } raw && call.Status != StatusCodes.Status101SwitchingProtocols)
            success["content"] = new JsonObject { [raw] = new JsonObject() };
        var responses = new JsonObject { [(call?.Status ?? StatusCodes.Status200OK).ToString()] = success };
        var failures = new SortedDictionary<int, string?> { [StatusCodes.Status500InternalServerError] = null };
        if (call is { Query.Count: > 0 } or { Body: not null } or { RawBody.Count: > 0 })
            failures[StatusCodes.Status400BadRequest] = null;
        if (route.Scope is not null)
            failures[StatusCodes.Status401Unauthorized] = null;
        if (route.Scope is { Length: > 0 })
            failures[StatusCodes.Status403Forbidden] = null;
        if (route.Parameters.Count > 0 || (call?.Query.Any(static field => field.Name is "inbox_id" or "domain_id") ?? false))
            failures[StatusCodes.Status404NotFound] = null;
        foreach (var (status, why) in call?.Failures ?? new Dictionary<int, string>())
            failures[status] = why;
        foreach (var (status, why) in failures)
        {
            var reference = new JsonObject { ["$ref"] = "#/components/responses/" + ResponseName(status) };
            if (why is not null)
                reference["description"] = why + ".";
            responses[status.ToString()] = reference;
        }
        return responses;
    }

    /// <summary>Once all schemas are there, each answer gets its example.</summary>
    private static void AddExamples(JsonObject paths, JsonObject components)
    {
        var examples = new ExampleValues(components);
        foreach (var response in paths.SelectMany(static path => path.Value!.AsObject()).SelectMany(static operation => operation.Value!["responses"]!.AsObject()))
        {
            if (response.Value!["content"]?["application/json"] is JsonObject media)
                media["example"] = examples.Of(media["schema"]!.AsObject());
        }
    }

    private JsonObject WebhookCall(string name, string summary, Type payload) => new()
    {
        ["post"] = new JsonObject
        {
            ["operationId"] = "webhook." + name,
            ["summary"] = summary,
            ["description"] = "Any 2xx is success; everything else is tried again. `x-commune-signature` is `v1=` and the hex HMAC-SHA256, under the whole secret, of the timestamp, a dot and the body. "
                + "`webhook-id`, `webhook-timestamp` and `webhook-signature` follow Standard Webhooks.",
            ["parameters"] = new JsonArray([.. ((string[])["x-commune-signature", "x-commune-timestamp", "x-commune-delivery-id", "x-commune-attempt", "webhook-id", "webhook-timestamp", "webhook-signature"])
                .Select(static name => new JsonObject { ["name"] = name, ["in"] = "header", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } })]),
            ["requestBody"] = new JsonObject { ["required"] = true, ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schemas.Of(payload) } } },
            ["responses"] = new JsonObject { ["2XX"] = new JsonObject { ["description"] = "Taken." }, ["410"] = new JsonObject { ["description"] = "The endpoint is gone for good: the webhook is disabled." } },
        },
    };

    private static JsonObject Security() => new()
    {
        ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["bearerFormat"] = "comm_ and 64 hex digits", ["description"] = "An API key." },
        ["agent"] = new JsonObject
        {
            ["type"] = "apiKey",
            ["in"] = "header",
            ["name"] = "Authorization",
            ["description"] = "`Agent <agentId>:<base64 of the Ed25519 signature>`. What is signed is the body (the empty string without one), "
                + "or, with the header `X-Commune-Timestamp` (Unix milliseconds), `<agentId>:<timestamp>`.",
        },
    };

    private static JsonObject RateLimits() => new()
    {
        ["X-RateLimit-Limit"] = Header("Emails that the organisation may send in an hour."),
        ["X-RateLimit-Remaining"] = Header("How many of them are left."),
        ["X-RateLimit-Reset"] = Header("When the window next frees up, in Unix seconds."),
    };

    private static JsonObject Header(string what) => new() { ["description"] = what, ["schema"] = new JsonObject { ["type"] = "integer" } };

    private static string ResponseName(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status).Replace(" ", "", StringComparison.Ordinal);

    private static readonly IReadOnlyList<(int Status, string What, string Code)> KnownFailures =
    [
        (400, "The request cannot be read, or a member or parameter is missing or wrong", "validation_error"),
        (401, "The credentials are missing, unknown or expired", "unauthorized"),
        (403, "The scope is missing, or the thing is not the caller's to change", "insufficient_permissions"),
        (404, "There is no such thing, or it belongs to somebody else", "not_found"),
        (409, "It is taken, or stands in the way", "conflict"),
        (410, "Too late", "confirmation_expired"),
        (413, "Too large", "file_too_large"),
        (426, "This is a WebSocket", "upgrade_required"),
        (429, "Too many; the header Retry-After tells how many seconds to wait", "rate_limit_exceeded"),
        (500, "The server failed; nothing was the caller's fault", "internal_error"),
    ];

    private static JsonObject Failures(JsonObject error) => new(KnownFailures.Select(failure => KeyValuePair.Create(ResponseName(failure.Status), (JsonNode?)new JsonObject
    {
        ["description"] = failure.What + ".",
        ["content"] = new JsonObject
        {
            ["application/json"] = new JsonObject
            {
                ["schema"] = error.DeepClone(),
                ["example"] = new JsonObject { ["error"] = failure.What, ["code"] = failure.Code, ["message"] = failure.What },
            },
        },
    })));
}

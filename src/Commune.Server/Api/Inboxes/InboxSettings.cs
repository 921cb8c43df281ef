using System.Security.Cryptography;
using System.Text.Json;
using Commune.Ai.Extraction;
using Commune.Ai.JsonSchema;
using Commune.Server.Extraction;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Reads the settings of an inbox from a request (contract section 8, Rules).</summary>
internal static class InboxSettings
{
    private const int MaxEndpoint = 2048;
    private const int MaxSecret = 256;
    private const int MaxSchema = 64 * 1024;
    private const int MaxSchemaDepth = 32;

    /// <summary>Lower-cased; 1–64 characters of <c>a–z 0–9 . _ -</c>, starting and ending with a letter or digit, no two dots in a row.</summary>
    public static string LocalPart(string text)
    {
        var local = text.Trim().ToLowerInvariant();
        var valid = local.Length is >= 1 and <= 64
            && local.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            && char.IsAsciiLetterOrDigit(local[0]) && char.IsAsciiLetterOrDigit(local[^1])
            && !local.Contains("..", StringComparison.Ordinal);
        return valid ? local : throw ApiException.Invalid("local_part",
            "local_part must be 1 to 64 of the characters a-z, 0-9, dot, underscore and hyphen, starting and ending with a letter or digit");
    }

    /// <summary>The first given of <c>display_name</c>, <c>name</c>, <c>agent.name</c>; <paramref name="given"/> tells a null from an absence.</summary>
    public static string? DisplayName(RequestBody body, out bool given)
    {
        var field = body.Member("display_name") is not null ? "display_name" : "name";
        var text = body.Text("display_name") ?? body.Text("name");
        given = body.Member("display_name") is not null || body.Member("name") is not null;
        if (text is null && body.Member("agent") is { ValueKind: JsonValueKind.Object } agent
            && agent.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
        {
            field = "agent.name";
            text = name.GetString()!;
            given = true;
        }
        text = text?.ReplaceLineEndings(" ").Trim();
        if (text is { Length: > 200 })
            throw ApiException.Invalid(field, $"{field} must be at most 200 characters");
        return string.IsNullOrEmpty(text) ? null : text;
    }

    public static string Status(RequestBody body, string standard) => body.Text("status") switch
    {
        null => standard,
        "active" => "active",
        "inactive" => "inactive",
        _ => throw ApiException.Invalid("status", "status must be active or inactive"),
    };

    /// <summary>The webhook as it will be: an object replaces, null removes, absence keeps. A kept endpoint keeps its secret.</summary>
    public static WebhookSetting? Webhook(JsonElement? member, WebhookSetting? present) => member switch
    {
        null => present,
        { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } value => WebhookObject(value, present, "webhook."),
        _ => throw ApiException.Invalid("webhook", "webhook must be an object with an endpoint, or null"),
    };

    /// <param name="prefix">What stands before the member names in errors.</param>
    public static WebhookSetting WebhookObject(JsonElement value, WebhookSetting? present, string prefix)
    {
        var endpoint = Endpoint(
            Text("endpoint") ?? throw ApiException.Invalid(prefix + "endpoint", $"{prefix}endpoint is required"), prefix + "endpoint");
        IReadOnlyList<string> events = ["inbound"];
        if (value.TryGetProperty("events", out var list) && list.ValueKind != JsonValueKind.Null)
        {
            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > 50 || list.EnumerateArray().Any(static e => e.ValueKind != JsonValueKind.String))
                throw ApiException.Invalid(prefix + "events", $"{prefix}events must be an array of at most 50 strings");
            events = [.. list.EnumerateArray().Select(e => e.GetString()!)];
        }
        var secret = Text("secret");
        CheckSecret(secret, prefix + "secret");
        var agentView = value.TryGetProperty("agent_view", out var view) && view.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw ApiException.Invalid(prefix + "agent_view", $"{prefix}agent_view must be true or false"),
        };
        return new WebhookSetting(endpoint, events, string.IsNullOrEmpty(secret) ? present?.Secret ?? NewSecret() : secret, AgentView: agentView);

        string? Text(string name) => !value.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null ? null
            : member.ValueKind == JsonValueKind.String ? member.GetString()
            : throw ApiException.Invalid(prefix + name, $"{prefix}{name} must be a string");
    }

    private static readonly string[] Thresholds = ["spam_reject", "spam_quarantine", "injection_reject", "injection_quarantine"];

    /// <summary>The thresholds as they will be: an object replaces, null removes, absence keeps. Each is a number from 0 to 1, or null.</summary>
    public static ScreeningSetting? Screening(JsonElement? member, ScreeningSetting? present)
    {
        return member switch
        {
            null => present,
            { ValueKind: JsonValueKind.Null } => null,
            { ValueKind: JsonValueKind.Object } value when Unknown(value) is { } name => throw ApiException.Invalid(
                "screening." + name, $"screening has no {name}; its thresholds are {string.Join(", ", Thresholds)}"),
            { ValueKind: JsonValueKind.Object } value => new ScreeningSetting(
                Threshold(value, Thresholds[0]), Threshold(value, Thresholds[1]), Threshold(value, Thresholds[2]), Threshold(value, Thresholds[3])),
            _ => throw ApiException.Invalid("screening", "screening must be an object with thresholds such as injection_quarantine, or null"),
        };

        // Else a slip in a name would switch a protection off without a word.
        static string? Unknown(JsonElement value) =>
            value.EnumerateObject().Select(static member => member.Name).FirstOrDefault(static name => !Thresholds.Contains(name, StringComparer.Ordinal));

        static double? Threshold(JsonElement value, string name) =>
            !value.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null ? null
            : member.ValueKind == JsonValueKind.Number && member.TryGetDouble(out var number) && number is >= 0 and <= 1 ? number
            : throw ApiException.Invalid("screening." + name, $"screening.{name} must be a number from 0 to 1, or null");
    }

    /// <summary>The URL in the one form in which it is stored: endpoints are told apart by it.</summary>
    public static string Endpoint(string text, string field)
    {
        // A parser would pass over spaces around, and escape or drop others.
        if (text.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c)) || !Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 || uri.Port == 0 || uri.AbsoluteUri.Length > MaxEndpoint)
            throw ApiException.Invalid(field, $"{field} must be an absolute http or https URL of at most {MaxEndpoint} characters, without spaces");
        if (uri.UserInfo.Length > 0)
            throw ApiException.Invalid(field, $"{field} must not hold a user name or password; POST /v1/webhooks takes headers, such as Authorization, to put them into");
        return uri.AbsoluteUri;
    }

    public static void CheckSecret(string? secret, string field)
    {
        if (secret is { Length: > MaxSecret })
            throw ApiException.Invalid(field, $"{field} must be at most {MaxSecret} characters");
    }

    /// <summary>The extraction object: <c>name</c> and a <c>schema</c> of type object with properties (contract section 8).</summary>
    public static string? ExtractionSchema(JsonElement? member, string? present)
    {
        switch (member)
        {
            case null:
                return present;
            case { ValueKind: JsonValueKind.Null }:
                return null;
            case { ValueKind: JsonValueKind.Object } value:
                var body = RequestBody.Parse(JsonSerializer.SerializeToUtf8Bytes(value));
                return ExtractionObject(body);
            default:
                throw ApiException.Invalid("extraction_schema", "extraction_schema must be an object with name and schema, or null");
        }
    }

    /// <param name="standardName">Used when the body names none; null makes the name required.</param>
    public static string ExtractionObject(RequestBody body, string? standardName = null)
    {
        var name = standardName is null ? body.RequiredText("name") : body.Text("name") ?? standardName;
        if (body.Member("schema") is not { ValueKind: JsonValueKind.Object } schema
            || !schema.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() != "object"
            || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
            throw ApiException.Invalid("schema", "schema must be a JSON Schema with \"type\": \"object\" and an object \"properties\"");
        if (schema.GetRawText().Length > MaxSchema || DepthOf(schema, MaxSchemaDepth + 1) > MaxSchemaDepth)
            throw ApiException.Invalid("schema", $"schema must be at most {MaxSchema / 1024} KB and {MaxSchemaDepth} levels deep");
        Check(schema);
        var enabled = body.Member("enabled") switch
        {
            null or { ValueKind: JsonValueKind.Null or JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            _ => throw ApiException.Invalid("enabled", "enabled must be true or false"),
        };
        return JsonSerializer.Serialize(new { name, description = body.Text("description"), schema, enabled }, ApiJson.Options);
    }

    /// <summary>The schema that a request brings along, bare or as an extraction object; null without one.</summary>
    public static ExtractionSchema? SchemaOf(RequestBody body)
    {
        switch (body.Member("schema"))
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return null;
            case { ValueKind: JsonValueKind.Object } given:
                var whole = given.TryGetProperty("schema", out _) ? JsonSerializer.SerializeToUtf8Bytes(given) : JsonSerializer.SerializeToUtf8Bytes(new { schema = given });
                return InboxSchema.Read(ExtractionObject(RequestBody.Parse(whole), "default"), version: 0);
            default:
                throw ApiException.Invalid("schema", "schema must be a JSON Schema, or an object with name and schema");
        }
    }

    /// <summary>400 with each place that is wrong, and what to do about it.</summary>
    private static void Check(JsonElement schema)
    {
        if (SchemaCheck.Problems(schema) is not [var first, ..] problems)
            return;
        throw new ApiException(StatusCodes.Status400BadRequest, new ErrorBody(
            $"schema{first.Path} {first.Message}", "validation_error", [.. problems.Select(static problem => new FieldError("schema" + problem.Path, problem.Message))]));
    }

    /// <summary>How deep objects and arrays lie in one another, looked at no deeper than <paramref name="most"/>.</summary>
    private static int DepthOf(JsonElement value, int most)
    {
        if (most == 0)
            return 0;
        return value.ValueKind switch
        {
            JsonValueKind.Object => 1 + value.EnumerateObject().Select(member => DepthOf(member.Value, most - 1)).DefaultIfEmpty().Max(),
            JsonValueKind.Array => 1 + value.EnumerateArray().Select(item => DepthOf(item, most - 1)).DefaultIfEmpty().Max(),
            _ => 0,
        };
    }

    /// <summary>A webhook's secret: <c>whsec_</c> and 48 random characters.</summary>
    public static string NewSecret() => "whsec_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
}

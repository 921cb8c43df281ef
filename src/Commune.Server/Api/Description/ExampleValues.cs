using System.Text.Json.Nodes;

namespace Commune.Server.Api.Description;

/// <summary>Makes the example of an answer from its schema: by the names of the members, else by their types.</summary>
internal sealed class ExampleValues(JsonObject schemas)
{
    private const int Deepest = 16;
    private const string Time = "2026-03-04T05:06:07.890Z";
    private static readonly string[] TimeNames = ["timestamp", "date", "before", "confirm_by", "paused_until", "until", "period_start", "period_end",
        "last_success", "last_failure", "date_begin", "date_end", "dateRangeBegin", "dateRangeEnd", "begin", "end", "at", "former_secret_until", "keep_until"];

    /// <summary>True for the names of members that hold a time.</summary>
    public static bool IsTime(string name) =>
        name.EndsWith("_at", StringComparison.Ordinal) || (name.Length > 2 && name.EndsWith("At", StringComparison.Ordinal)) || TimeNames.Contains(name, StringComparer.Ordinal);

    public JsonNode? Of(JsonObject schema) => Of(schema, "", "", 0);

    /// <param name="noun">The name of the record that holds the member: an <c>id</c> is that of the record.</param>
    private JsonNode? Of(JsonObject schema, string name, string noun, int depth)
    {
        if (depth > Deepest)
            return null;
        if (schema["$ref"] is { } reference)
        {
            var target = ((string)reference!)["#/components/schemas/".Length..];
            return Of(schemas[target]!.AsObject(), name, target, depth + 1);
        }
        if (schema["allOf"] is JsonArray parts)
        {
            var all = new JsonObject();
            foreach (var part in parts.Select(part => Of(part!.AsObject(), name, noun, depth + 1)!.AsObject()))
            {
                foreach (var (key, value) in part)
                    all[key] = value?.DeepClone();
            }
            return all;
        }
        if (schema["anyOf"] is JsonArray choices)
            return Of(choices[0]!.AsObject(), name, noun, depth + 1);
        if (schema["enum"] is JsonArray words)
            return words[0]!.DeepClone();
        if (Text(name, noun) is { } known && Types(schema).Contains("string", StringComparer.Ordinal))
            return known;
        return Types(schema).FirstOrDefault() switch
        {
            "object" => Members(schema, noun, depth),
            "array" => name is "details" or "rejected" or "warnings" ? [] : new JsonArray(Of(schema["items"]!.AsObject(), Singular(name), noun, depth + 1)),
            "integer" => Number(name),
            "number" => name.EndsWith("rate", StringComparison.Ordinal) ? 0.975 : IsShare(name) ? 0.82 : 84.2,
            "boolean" => name is not ("has_more" or "timed_out" or "shared" or "paused" or "unsubscribe" or "warm_up"),
            _ => IsTime(name) ? Time : "text",
        };
    }

    private JsonObject Members(JsonObject schema, string noun, int depth)
    {
        var result = new JsonObject();
        foreach (var (name, member) in schema["properties"]?.AsObject() ?? [])
        {
            // The end of a list, and what went wrong where nothing did, are null.
            var isNull = name is "next_cursor" or "error" or "last_error" or "disabled_reason" or "dead_at" or "problem" or "broken_at" or "former_secret_until" or "keep_until"
                && Types(member!.AsObject()).Contains("null", StringComparer.Ordinal);
            result[name] = isNull ? null : Of(member!.AsObject(), name, noun, depth + 1);
        }
        return result;
    }

    private static IReadOnlyList<string> Types(JsonObject schema) => schema["type"] switch
    {
        JsonArray types => [.. types.Select(static type => (string)type!)],
        JsonValue type => [(string)type!],
        _ => [],
    };

    /// <summary>True for the names of numbers from 0 to 1.</summary>
    private static bool IsShare(string name) => name is "score" or "confidence" or "weight" || name.EndsWith("_score", StringComparison.Ordinal)
        || name.EndsWith("_reject", StringComparison.Ordinal) || name.EndsWith("_quarantine", StringComparison.Ordinal);

    private static string Singular(string name) => name.EndsWith('s') ? name[..^1] : name;

    private static JsonNode Number(string name) => name switch
    {
        "expires_in" or "expiresIn" or "ttl" => 3600,
        "size" => 45230,
        "status_code" or "last_status_code" or "httpStatus" => 200,
        "smtp_code" or "code" => 250,
        "priority" => 10,
        "days" => 7,
        "emails_per_hour" => 100,
        "emails_per_day" => 1000,
        _ => 1,
    };

    private static string? Text(string name, string noun) => name switch
    {
        "id" or "_id" => OwnId(noun),
        "inbox_id" or "inboxId" => ExampleIds.Inbox,
        "domain_id" or "domainId" => ExampleIds.Domain,
        "thread_id" or "threadId" => ExampleIds.Thread,
        "message_id" when noun is "MessageMetadata" or "PayloadEmail" => "<4fQ9dLk2@mycompany.com>",
        "message_id" or "messageId" => ExampleIds.Message,
        "attachment_id" or "attachmentId" or "attachment" => ExampleIds.Attachment,
        "delivery_id" => ExampleIds.Delivery,
        "webhook_id" => ExampleIds.Webhook,
        "org_id" or "orgId" => ExampleIds.Organisation,
        "agentId" or "actor" => ExampleIds.Agent,
        "event_id" or "cursor" => ExampleIds.Event,
        "smtp_message_id" or "in_reply_to" or "reference" => "<4fQ9dLk2@mycompany.com>",
        "address" or "email" or "inbox_address" or "inboxAddress" or "inboxEmail" => noun is "Inbox" or "InboxCreated" or "" ? "support@mycompany.com" : "kim@example.com",
        "from" or "sender" or "identity" or "recipient" or "to" or "participant" => "kim@example.com",
        "local_part" or "localPart" => "support",
        "name" or "display_name" or "displayName" => noun is "Domain" ? "mycompany.com" : noun is "DnsRecord" ? "commune._domainkey.mycompany.com" : "Support",
        "domain" or "domain_name" => "mycompany.com",
        "subject" => "Parcel still missing",
        "content" or "text" or "snippet" or "reply_text" or "content_markdown" => "It has been two weeks.",
        "content_html" or "html" => "<p>It has been two weeks.</p>",
        "filename" => "invoice.pdf",
        "mime_type" or "mimeType" => "application/pdf",
        "url" => $"{{{{base_url}}}}/v1/attachments/download/{ExampleIds.Download}",
        "endpoint" => "https://app.example/hook",
        "event" when noun is "Endpoint" or "IssuedEndpoint" => "message.received",
        "event_type" => "message.received",
        "event" => "inbound",
        "kind" when noun is "AgentViewPart" => "new_text",
        "trust" => "verified",
        "spf" or "dkim" or "dmarc" => "pass",
        "host" or "shown_host" when noun is "AgentViewLink" => "app.example",
        "fence" => "9f2c4e7a1b3d5f6082c4e6a8",
        "policy" => AgentView.AgentViewText.Policy,
        "direction" => "inbound",
        "search_type" => "vector",
        "matched_in" => "attachment",
        "embedding" => "builtin",
        "lexical" => "bm25",
        "fusion" => "coverage-gated-sum",
        "allow" or "block" => "@partner.example",
        "mode" => "all",
        "tag" => "vip",
        "assigned_to" => "agent-007",
        "keyPrefix" => "comm_3f9a1c2",
        "apiKey" or "key" => "comm_" + new string('0', 64),
        "secret" => "whsec_" + new string('0', 48),
        "permission" => "messages:read",
        "slug" => "myorg",
        "tier" => "free",
        "publicKey" => "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "agentSignupToken" => "agt_signup_" + new string('0', 48),
        "challenge" => "chal_" + new string('0', 64),
        "confirmation_token" => ExampleIds.ConfirmationToken,
        _ when IsTime(name) => Time,
        _ => null,
    };

    private static string? OwnId(string noun) => noun switch
    {
        "Domain" or "DomainVerified" => ExampleIds.Domain,
        "Inbox" or "InboxCreated" => ExampleIds.Inbox,
        "Thread" or "FoundThread" => ExampleIds.Thread,
        "Endpoint" or "IssuedEndpoint" => ExampleIds.Webhook,
        "Message" or "FoundMessage" or "SingleMessage" or "SentMessage" or "SendResponse" or "Send" => ExampleIds.Message,
        "Attachment" or "UploadEnvelope" => ExampleIds.Attachment,
        "Delivery" or "DeliveryDetail" => ExampleIds.Delivery,
        "ApiKey" or "IssuedApiKey" => ExampleIds.Key,
        "Suppression" => ExampleIds.Suppression,
        "Deletion" => ExampleIds.Request,
        "Agent" => ExampleIds.Agent,
        "Organisation" => ExampleIds.Organisation,
        "Event" or "DeliveryEvent" => ExampleIds.Event,
        _ => null,
    };
}

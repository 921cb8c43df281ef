using System.Text.Json;
using Commune.Server.Api.Description;

namespace Commune.Server.Api.Inboxes;

/// <param name="LocalPart">What stands before the @: 1 to 64 of a-z, 0-9, dot, underscore and hyphen.</param>
/// <param name="DomainId">A domain of yours; without it the inbox is at the shared domain of this server.</param>
/// <param name="Name">The name in From.</param>
/// <param name="DisplayName">Another name for `name`, which it overrules.</param>
/// <param name="Agent">Another place for the name.</param>
/// <param name="Webhook">Where to tell of inbound mail.</param>
/// <param name="ExtractionSchema">What to read out of inbound mail.</param>
/// <param name="Screening">From which scores on mail is refused or held back.</param>
/// <param name="Status">An inactive inbox neither receives nor sends.</param>
[Example("""{ "local_part": "support", "name": "Support Inbox" }""")]
internal sealed record NewInboxRequest(
    string LocalPart, string? DomainId, string? Name, string? DisplayName, InboxAgentRequest? Agent, WebhookRequest? Webhook,
    ExtractionSchemaRequest? ExtractionSchema, ScreeningRequest? Screening, [property: Words("active", "inactive")] string? Status);

/// <summary>What is not sent stays as it is; null removes the webhook, the schema, the thresholds or the name.</summary>
/// <param name="LocalPart">A new address at the same domain.</param>
/// <param name="Name">The name in From.</param>
/// <param name="DisplayName">Another name for `name`, which it overrules.</param>
/// <param name="Agent">Another place for the name.</param>
/// <param name="Webhook">Replaces the present one; without a secret the present one is kept.</param>
/// <param name="ExtractionSchema">What to read out of inbound mail.</param>
/// <param name="Screening">From which scores on mail is refused or held back.</param>
/// <param name="Status">An inactive inbox neither receives nor sends.</param>
[Example("""{ "name": "Support Inbox", "status": "active" }""")]
internal sealed record InboxChangeRequest(
    string? LocalPart, string? Name, string? DisplayName, InboxAgentRequest? Agent, WebhookRequest? Webhook,
    ExtractionSchemaRequest? ExtractionSchema, ScreeningRequest? Screening, [property: Words("active", "inactive")] string? Status);

internal sealed record InboxAgentRequest(string? Name);

/// <param name="Endpoint">An absolute http or https URL.</param>
/// <param name="Events">Standard is inbound mail, the one kind that calls the endpoint.</param>
/// <param name="Secret">Signs the calls; made by the server when absent.</param>
/// <param name="AgentView">Put the message made ready for a model into the call as well.</param>
[Example("""{ "endpoint": "https://app.example/hook", "events": ["inbound"] }""")]
internal sealed record WebhookRequest(string Endpoint, IReadOnlyList<string>? Events, string? Secret, bool? AgentView);

/// <summary>Scores from 0 to 1 from which on mail is refused or held back; what is absent or null never is.</summary>
internal sealed record ScreeningRequest(double? SpamReject, double? SpamQuarantine, double? InjectionReject, double? InjectionQuarantine);

/// <summary>Whose mail the inbox takes. A list that is not sent stays as it is.</summary>
/// <param name="Mode">With allow_only nobody else's mail is taken than that of allowed senders who prove to be it.</param>
/// <param name="Allow">Addresses (kim@example.com), domains (@example.com) or what is below one (@.example.com); both lists together hold at most 1000.</param>
/// <param name="Block">The same; a blocked sender's mail is refused.</param>
[Example("""{ "mode": "all", "allow": ["@partner.example"], "block": ["sales@pushy.example", "@.bulk.example"] }""")]
internal sealed record SenderListsRequest([property: Words("all", "allow_only")] string? Mode, TextOrTexts? Allow, TextOrTexts? Block);

/// <param name="Schema">A JSON Schema of type object with properties.</param>
/// <param name="Enabled">Standard is true.</param>
[Example("""
    { "name": "support_ticket", "description": "What a customer asks for",
      "schema": { "type": "object", "properties": { "order_id": { "type": "string" }, "wants_refund": { "type": "boolean" } } }, "enabled": true }
    """)]
internal sealed record ExtractionSchemaRequest(string Name, string? Description, JsonElement Schema, bool? Enabled);

/// <param name="Schema">A JSON Schema of type object with properties, or an object that has one in its own member schema.</param>
[Example("""{ "schema": { "type": "object", "properties": { "order_id": { "type": "string" } } } }""")]
internal sealed record BareSchemaRequest(JsonElement Schema, string? Name, string? Description);

/// <summary>What a schema is tried on: `text` or `message_id`, one of them.</summary>
/// <param name="Schema">A JSON Schema, or an object with name and schema; without it the inbox's own is tried.</param>
/// <param name="Text">At most 200 000 characters.</param>
/// <param name="Subject">The subject of the text.</param>
/// <param name="From">Whom the text is from.</param>
/// <param name="MessageId">A received message of the inbox.</param>
[Example("""
    { "text": "Please refund order 1007.", "subject": "Broken lamp",
      "schema": { "type": "object", "properties": { "order_id": { "type": "string" } } } }
    """)]
internal sealed record SchemaTestRequest(JsonElement? Schema, string? Text, string? Subject, string? From, string? MessageId);

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
/// <param name="Status">An inactive inbox neither receives nor sends.</param>
[Example("""{ "local_part": "support", "name": "Support Inbox" }""")]
internal sealed record NewInboxRequest(
    string LocalPart, string? DomainId, string? Name, string? DisplayName, InboxAgentRequest? Agent, WebhookRequest? Webhook,
    ExtractionSchemaRequest? ExtractionSchema, [property: Words("active", "inactive")] string? Status);

/// <summary>What is not sent stays as it is; null removes the webhook, the schema or the name.</summary>
/// <param name="LocalPart">A new address at the same domain.</param>
/// <param name="Name">The name in From.</param>
/// <param name="DisplayName">Another name for `name`, which it overrules.</param>
/// <param name="Agent">Another place for the name.</param>
/// <param name="Webhook">Replaces the present one; without a secret the present one is kept.</param>
/// <param name="ExtractionSchema">What to read out of inbound mail.</param>
/// <param name="Status">An inactive inbox neither receives nor sends.</param>
[Example("""{ "name": "Support Inbox", "status": "active" }""")]
internal sealed record InboxChangeRequest(
    string? LocalPart, string? Name, string? DisplayName, InboxAgentRequest? Agent, WebhookRequest? Webhook,
    ExtractionSchemaRequest? ExtractionSchema, [property: Words("active", "inactive")] string? Status);

internal sealed record InboxAgentRequest(string? Name);

/// <param name="Endpoint">An absolute http or https URL.</param>
/// <param name="Events">Standard is inbound mail, the one kind that calls the endpoint.</param>
/// <param name="Secret">Signs the calls; made by the server when absent.</param>
[Example("""{ "endpoint": "https://app.example/hook", "events": ["inbound"] }""")]
internal sealed record WebhookRequest(string Endpoint, IReadOnlyList<string>? Events, string? Secret);

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

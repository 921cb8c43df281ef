using Commune.Server.Api.Description;

namespace Commune.Server.Api.Webhooks;

/// <param name="Endpoint">An absolute http or https URL.</param>
/// <param name="Url">Another name for `endpoint`; one of the two is needed.</param>
/// <param name="Events">Types of events such as message.received, all of a kind (thread.*), or * for all; standard is message.received.</param>
/// <param name="InboxIds">Only of these inboxes; without it of all.</param>
/// <param name="Secret">Signs the calls; made by the server when absent.</param>
/// <param name="Headers">At most 20 headers that each call carries. Their values are never shown again.</param>
/// <param name="Description">For people; at most 500 characters.</param>
/// <param name="Enabled">Standard is true.</param>
[Example("""{ "endpoint": "https://app.example/hook", "events": ["message.received", "thread.*"], "description": "The ticket system" }""")]
internal sealed record NewWebhookRequest(
    string? Endpoint, string? Url, TextOrTexts? Events, TextOrTexts? InboxIds, string? Secret, IReadOnlyDictionary<string, string>? Headers, string? Description,
    bool? Enabled);

/// <summary>What is not sent stays as it is.</summary>
/// <param name="Endpoint">An absolute http or https URL.</param>
/// <param name="Url">Another name for `endpoint`, which overrules it.</param>
/// <param name="Events">Replaces the present ones.</param>
/// <param name="InboxIds">Replaces the present ones; null is all inboxes.</param>
/// <param name="Secret">Calls are signed with the present one as well for a time.</param>
/// <param name="Headers">Replaces the present ones; null removes them.</param>
/// <param name="Description">For people; null removes it.</param>
/// <param name="Enabled">True also enables again what answered 410 Gone.</param>
[Example("""{ "events": ["message.*"], "enabled": true }""")]
internal sealed record WebhookChangeRequest(
    string? Endpoint, string? Url, TextOrTexts? Events, TextOrTexts? InboxIds, string? Secret, IReadOnlyDictionary<string, string>? Headers, string? Description,
    bool? Enabled);

/// <param name="Secret">Made by the server when absent.</param>
[Example("""{ "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }""")]
internal sealed record SecretRequest(string? Secret);

/// <param name="From">Deliveries made at this time or later.</param>
/// <param name="To">Deliveries made before this time.</param>
/// <param name="WebhookId">To this webhook of the organisation.</param>
/// <param name="Status">failed, dead or delivered, one or several; standard is failed and dead.</param>
[Example("""{ "from": "2026-03-04T00:00:00Z", "to": "2026-03-05T00:00:00Z", "status": ["failed", "dead"] }""")]
internal sealed record ReplayRequest(string From, string To, TextOrTexts? Status, string? InboxId, string? WebhookId);

/// <summary>One of the two is needed.</summary>
/// <param name="InboxId">An inbox that has a webhook.</param>
/// <param name="WebhookId">A webhook of the organisation; it overrules the inbox.</param>
[Example($$"""{ "inbox_id": "{{ExampleIds.Inbox}}" }""")]
internal sealed record WebhookTestRequest(string? InboxId, string? WebhookId);

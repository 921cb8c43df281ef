using Commune.Server.Api.Description;

namespace Commune.Server.Api.Webhooks;

/// <param name="From">Deliveries made at this time or later.</param>
/// <param name="To">Deliveries made before this time.</param>
/// <param name="Status">failed, dead or delivered, one or several; standard is failed and dead.</param>
[Example("""{ "from": "2026-03-04T00:00:00Z", "to": "2026-03-05T00:00:00Z", "status": ["failed", "dead"] }""")]
internal sealed record ReplayRequest(string From, string To, TextOrTexts? Status, string? InboxId);

/// <param name="InboxId">An inbox that has a webhook.</param>
[Example($$"""{ "inbox_id": "{{ExampleIds.Inbox}}" }""")]
internal sealed record WebhookTestRequest(string InboxId);

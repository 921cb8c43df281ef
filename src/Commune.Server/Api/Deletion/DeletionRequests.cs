using Commune.Server.Api.Description;

namespace Commune.Server.Api.Deletion;

/// <param name="Scope">Needed unless `inbox_id` is given, which means inbox.</param>
/// <param name="InboxId">The inbox; with the scope messages, only messages of this inbox.</param>
/// <param name="Before">With the scope messages, only messages that are older.</param>
[Example($$"""{ "scope": "messages", "inbox_id": "{{ExampleIds.Inbox}}", "before": "2025-01-01T00:00:00Z" }""")]
internal sealed record NewDeletionRequest([property: Words("organization", "inbox", "messages")] string? Scope, string? InboxId, string? Before);

/// <param name="ConfirmationToken">What the request answered with.</param>
[Example($$"""{ "confirmation_token": "{{ExampleIds.ConfirmationToken}}" }""")]
internal sealed record ConfirmationRequest(string ConfirmationToken);

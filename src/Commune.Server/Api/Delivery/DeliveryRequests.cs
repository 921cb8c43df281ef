using Commune.Server.Api.Description;

namespace Commune.Server.Api.Delivery;

/// <param name="InboxId">Holds for this inbox only; else for the whole organisation.</param>
/// <param name="Reason">Standard is manual.</param>
/// <param name="ExpiresAt">A time to come; without it and `expires_in` the entry stays.</param>
/// <param name="ExpiresIn">Seconds.</param>
[Example($$"""{ "email": "gone@example.com", "inbox_id": "{{ExampleIds.Inbox}}", "reason": "manual" }""")]
internal sealed record SuppressionRequest(
    string Email, string? InboxId, [property: Words("manual", "unsubscribe")] string? Reason, string? ExpiresAt, long? ExpiresIn);

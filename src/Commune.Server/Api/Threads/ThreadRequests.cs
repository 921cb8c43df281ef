using System.Text.Json.Serialization;
using Commune.Server.Api.Description;

namespace Commune.Server.Api.Threads;

[Example("""{ "status": "closed" }""")]
internal sealed record StatusRequest([property: Words("open", "needs_reply", "waiting", "closed")] string Status);

/// <param name="Tags">At most 100 tags of 1 to 64 characters; one string may hold several, separated by commas.</param>
[Example("""{ "tags": ["vip", "urgent"] }""")]
internal sealed record TagsRequest(TextOrTexts Tags);

/// <param name="AssignedTo">An agent or user, or null to unassign.</param>
[Example("""{ "assigned_to": "agent-billing" }""")]
internal sealed record AssignRequest([property: JsonRequired] string? AssignedTo);

/// <param name="AssignedTo">An agent or user, or null to unassign.</param>
/// <param name="Tags">Replaces the present ones.</param>
[Example("""{ "status": "waiting", "tags": ["vip"], "assigned_to": null }""")]
internal sealed record TriageRequest([property: Words("open", "needs_reply", "waiting", "closed")] string? Status, string? AssignedTo, TextOrTexts? Tags);

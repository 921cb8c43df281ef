using System.Text.Json.Nodes;

namespace Commune.Client;

public sealed class ThreadCalls
{
    private readonly Transport transport;

    internal ThreadCalls(Transport transport) => this.transport = transport;

    /// <summary>The threads of an inbox or a domain; one of the two is needed.</summary>
    public IAsyncEnumerable<MailThread> ListAsync(
        string? inboxId = null, string? domainId = null, string? status = null, string? tag = null, string? assignedTo = null, bool oldestFirst = false,
        CancellationToken cancellation = default) =>
        transport.PagesAsync<MailThread>(
            Transport.With("/v1/threads", ("inbox_id", inboxId), ("domain_id", domainId), ("status", status), ("tag", tag), ("assigned_to", assignedTo), ("order", oldestFirst ? "asc" : null), ("limit", 100)),
            cancellation);

    public Task<MailThread> GetAsync(string threadId, CancellationToken cancellation = default) => transport.DataAsync<MailThread>(HttpMethod.Get, Path(threadId), null, cancellation);

    public IAsyncEnumerable<Message> MessagesAsync(string threadId, bool newestFirst = false, CancellationToken cancellation = default) =>
        transport.PagesAsync<Message>(Transport.With(Path(threadId) + "/messages", ("order", newestFirst ? "desc" : null)), cancellation);

    public Task<Triage> TriageAsync(string threadId, CancellationToken cancellation = default) =>
        transport.DataAsync<Triage>(HttpMethod.Get, Path(threadId) + "/metadata", null, cancellation);

    /// <summary>Changes what is given; the tags replace the present ones.</summary>
    public Task<Triage> UpdateAsync(string threadId, string? status = null, IReadOnlyList<string>? tags = null, string? assignedTo = null, CancellationToken cancellation = default) =>
        transport.DataAsync<Triage>(HttpMethod.Patch, Path(threadId), new { status, tags, assignedTo }, cancellation);

    /// <param name="status"><c>open</c>, <c>needs_reply</c>, <c>waiting</c> or <c>closed</c>.</param>
    public Task<Triage> SetStatusAsync(string threadId, string status, CancellationToken cancellation = default) =>
        transport.DataAsync<Triage>(HttpMethod.Put, Path(threadId) + "/status", new { status }, cancellation);

    /// <param name="assignee">Null unassigns.</param>
    public Task<Triage> AssignAsync(string threadId, string? assignee, CancellationToken cancellation = default) =>
        transport.DataAsync<Triage>(HttpMethod.Put, Path(threadId) + "/assign", new JsonObject { ["assigned_to"] = assignee }, cancellation);

    public Task<Triage> AddTagsAsync(string threadId, IReadOnlyList<string> tags, CancellationToken cancellation = default) =>
        transport.DataAsync<Triage>(HttpMethod.Post, Path(threadId) + "/tags", new { tags }, cancellation);

    public Task<Triage> RemoveTagsAsync(string threadId, IReadOnlyList<string> tags, CancellationToken cancellation = default) =>
        transport.DataAsync<Triage>(HttpMethod.Delete, Path(threadId) + "/tags", new { tags }, cancellation);

    /// <summary>The messages of a thread made ready for a model; those of one page share a fence.</summary>
    public IAsyncEnumerable<AgentView> AgentViewAsync(string threadId, bool newestFirst = false, CancellationToken cancellation = default) =>
        transport.PagesAsync<AgentView>(Transport.With(Path(threadId) + "/agent-view", ("order", newestFirst ? "desc" : null)), cancellation);

    private static string Path(string threadId) => "/v1/threads/" + Transport.Segment(threadId);
}

public sealed record MailThread(
    string ThreadId, string? Subject, int MessageCount, DateTimeOffset FirstMessageAt, DateTimeOffset LastMessageAt, string Snippet, string LastDirection,
    bool HasAttachments, string InboxId, string DomainId, string Status, IReadOnlyList<string> Tags, string? AssignedTo, IReadOnlyList<string> Participants);

public sealed record Triage(string ThreadId, IReadOnlyList<string> Tags, string Status, string? AssignedTo, DateTimeOffset UpdatedAt);

namespace Commune.Storage;

/// <summary>A conversation of one inbox (contract section 9).</summary>
/// <param name="ReplyToken">The plus-part that routes a reply back here, lower case.</param>
/// <param name="LastDirection"><c>inbound</c> or <c>outbound</c>.</param>
/// <param name="Participants">Bare addresses, in order of appearance.</param>
public sealed record MailThread(
    string OrgId, string Id, string InboxId, string DomainId, string? Subject, string ReplyToken, int MessageCount,
    long FirstMessageAt, long LastMessageAt, string Snippet, string LastDirection, bool HasAttachments,
    IReadOnlyList<string> Participants, Triage Triage);

/// <param name="Status"><c>open</c>, <c>needs_reply</c>, <c>waiting</c> or <c>closed</c>.</param>
/// <param name="Tags">A set in insertion order, case-sensitive.</param>
public sealed record Triage(string ThreadId, IReadOnlyList<string> Tags, string Status, string? AssignedTo, long UpdatedAt);

/// <summary>At least one of inbox and domain is given; all that is given must match.</summary>
public sealed record ThreadQuery(
    string OrgId, string? InboxId, string? DomainId, string? Status, string? Tag, string? AssignedTo,
    SortOrder Order, int Limit, PageCursor? Cursor);

/// <summary>A change of triage state; null members stay as they are.</summary>
/// <param name="Assign">When true, <paramref name="AssignedTo"/> is written, null included.</param>
/// <param name="AddTags">Added behind the present ones; those present stay where they are.</param>
/// <param name="ReplaceTags">Written instead of the present ones.</param>
public sealed record TriageChange(
    string? Status = null, bool Assign = false, string? AssignedTo = null,
    IReadOnlyList<string>? AddTags = null, IReadOnlyList<string>? RemoveTags = null, IReadOnlyList<string>? ReplaceTags = null);

/// <summary>What a reply needs of a thread (RFC 5322 §3.6.4).</summary>
/// <param name="InReplyTo">The newest SMTP id of the thread, the reply's parent.</param>
/// <param name="References">The parent's own references, without the parent.</param>
public sealed record ReplyContext(string? InReplyTo, IReadOnlyList<string> References);

public interface IThreadStore
{
    Task<MailThread?> GetAsync(string orgId, string threadId, CancellationToken cancellation);

    /// <summary>
    /// Threads by last message, then id. Paging holds the moment of the first page: a thread that gets mail meanwhile keeps the place
    /// it had then, so every thread that stood in the list is given once and none is missed. Ascending paging goes on into threads
    /// that began later, at the place of their first message; descending paging does not show those.
    /// </summary>
    Task<Page<MailThread>> ListAsync(ThreadQuery query, CancellationToken cancellation);

    /// <summary>Null when the thread is unknown. Appends a <c>thread.updated</c> event when something changed.</summary>
    Task<Triage?> ChangeTriageAsync(string orgId, string threadId, TriageChange change, long at, CancellationToken cancellation);

    /// <summary>The newest message of the thread that has an SMTP id, with its references; empty when none has.</summary>
    Task<ReplyContext> GetReplyContextAsync(string orgId, string threadId, CancellationToken cancellation);
}

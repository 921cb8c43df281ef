namespace Commune.Storage;

/// <summary>One entry of an organisation's log, written in the transaction of what it reports (docs/events.md lists the types).</summary>
/// <param name="Sequence">1, 2, 3… per organisation, in commit order and without gaps.</param>
/// <param name="Type"><c>message.received</c>, <c>message.queued</c>, <c>message.sent</c>, <c>message.delivered</c>, <c>message.delayed</c>,
/// <c>message.bounced</c>, <c>message.failed</c>, <c>message.complained</c>, <c>message.suppressed</c>, <c>thread.updated</c>…</param>
/// <param name="Data">JSON object text with what the type adds, or null.</param>
public sealed record MailEvent(
    string OrgId, long Sequence, string Type, long At, string? InboxId, string? ThreadId, string? MessageId, string? Data)
{
    /// <summary>The event's name for the outside; the same whenever it is read.</summary>
    public string Id => LogPosition.Of(OrgId, Sequence);
}

public interface IEventStore
{
    /// <summary>
    /// Events after a sequence number, in order. Nothing is ever stepped over: the number is taken from the organisation's row,
    /// whose lock is held until commit, so a smaller number cannot appear after a larger one was visible.
    /// </summary>
    Task<IReadOnlyList<MailEvent>> ReadAsync(string orgId, long after, int limit, CancellationToken cancellation);

    /// <summary>The number of the newest event; 0 when there is none.</summary>
    Task<long> NewestAsync(string orgId, CancellationToken cancellation);

    /// <summary>Begins to listen for commits to an organisation's log; disposing ends it.</summary>
    IEventWatch Watch(string orgId);
}

/// <summary>Tells one reader that a log may have grown. A hint only: readers look at the rows.</summary>
public interface IEventWatch : IDisposable
{
    /// <summary>
    /// Completes when events may have been committed since the last call, or since the watch began; at the latest after
    /// <paramref name="atMost"/>. (In process: a signal at commit. PostgreSQL: LISTEN/NOTIFY as well.)
    /// </summary>
    Task WaitAsync(TimeSpan atMost, CancellationToken cancellation);
}

namespace Commune.Storage.Sqlite;

/// <summary>
/// A leased job stands in <c>due_at</c> at the end of its lease, so one index finds both what is due and what was let go.
/// </summary>
internal sealed class SqliteJobStore(SqliteStore store, JobSignals signals) : IJobStore
{
    private readonly JobClaim claim = new();

    public Task<IReadOnlyList<Job>> ClaimAsync(
        string kind, int max, int maxPerKey, long now, TimeSpan lease, CancellationToken cancellation,
        IReadOnlyDictionary<string, int>? heldByOrganisation = null) =>
        store.WriteAsync<IReadOnlyList<Job>>(
            writes =>
            {
                var until = now + (long)lease.TotalMilliseconds;
                var due = claim.Choose(writes.Session, kind, max, maxPerKey, now, heldByOrganisation);
                return [.. due.Select(job => Lease(writes.Session, job, kind, until))];
            },
            cancellation);

    private static Job Lease(SqliteSession session, DueJob due, string kind, long until)
    {
        var lease = EntityId.New("lease_");
        using var row = session.Query(
            "UPDATE jobs SET attempts = attempts + 1, lease = ?2, lease_until = ?3, due_at = ?3 WHERE id = ?1 RETURNING payload, attempts",
            due.Id, lease, until);
        row.Read();
        var job = new Job(due.Id, kind, due.Key, due.OrgId, row.Text(0), (int)row.Number(1), due.DueAt, lease);
        // A statement that returns rows has done its work only when it is stepped to its end.
        row.Read();
        return job;
    }

    public Task AddAsync(NewJob job, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            writes.AddJob(job.Id, job.Kind, job.Key, job.OrgId, job.Payload, job.DueAt);
            return true;
        },
        cancellation);

    public Task<bool> RenewAsync(Job job, long until, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "UPDATE jobs SET lease_until = ?3, due_at = ?3 WHERE id = ?1 AND lease = ?2", job.Id, job.Lease, until) == 1,
        cancellation);

    public Task<bool> CompleteAsync(Job job, CancellationToken cancellation) =>
        store.WriteAsync(writes => Complete(writes, job), cancellation);

    public Task<bool> RescheduleAsync(Job job, long dueAt, CancellationToken cancellation) =>
        store.WriteAsync(writes => Reschedule(writes, job, dueAt), cancellation);

    public Task<bool> PostponeAsync(Job job, long dueAt, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "UPDATE jobs SET due_at = ?3, attempts = attempts - 1, lease = NULL, lease_until = 0 WHERE id = ?1 AND lease = ?2",
            job.Id, job.Lease, dueAt) == 1,
        cancellation);

    public Task<long?> NextDueAsync(string kind, CancellationToken cancellation) =>
        store.ReadAsync(session => session.Number("SELECT min(due_at) FROM jobs WHERE kind = ?1", kind), cancellation);

    public Task WaitAsync(string kind, TimeSpan atMost, CancellationToken cancellation) => signals.WaitAsync(kind, atMost, cancellation);

    /// <summary>Makes due what a process that died still held: it would keep the places of its keys until the leases end.</summary>
    /// <remarks>To be called by the one process that has the directory, before it claims anything.</remarks>
    internal static void TakeBackLeases(SqliteSession session, long now) =>
        session.Execute("UPDATE jobs SET due_at = min(due_at, ?1), lease = NULL, lease_until = 0 WHERE lease IS NOT NULL", now);

    internal static bool Holds(SqliteSession session, Job job) =>
        session.Any("SELECT 1 FROM jobs WHERE id = ?1 AND lease = ?2", job.Id, job.Lease);

    internal static bool Complete(SqliteWrites writes, Job job) =>
        writes.Session.Execute("DELETE FROM jobs WHERE id = ?1 AND lease = ?2", job.Id, job.Lease) == 1;

    internal static bool Reschedule(SqliteWrites writes, Job job, long dueAt)
    {
        var held = writes.Session.Execute(
            "UPDATE jobs SET due_at = ?3, lease = NULL, lease_until = 0 WHERE id = ?1 AND lease = ?2", job.Id, job.Lease, dueAt) == 1;
        if (held)
            writes.Signalled.Add(job.Kind);
        return held;
    }
}

namespace Commune.Storage.Postgres;

/// <summary>
/// A leased job stands in <c>due_at</c> at the end of its lease, so one index finds both what is due and what was let go.
/// </summary>
internal sealed class PostgresJobStore(PostgresDatabase database, GroupCommit commits, JobSignals signals, JobListener listener) : IJobStore
{
    private readonly PostgresJobClaim claim = new();

    public Task<IReadOnlyList<Job>> ClaimAsync(
        string kind, int max, int maxPerKey, long now, TimeSpan lease, CancellationToken cancellation,
        IReadOnlyDictionary<string, int>? heldByOrganisation = null) =>
        database.TransactAsync<IReadOnlyList<Job>>(
            async session =>
            {
                var chosen = await claim.ChooseAsync(session, kind, max, maxPerKey, now, heldByOrganisation, cancellation);
                if (chosen.Count == 0)
                    return [];

                var token = EntityId.New("lease_");
                var jobs = await session.QueryAsync(
                    """
                    WITH free AS (
                        SELECT id, due_at
                        FROM jobs
                        WHERE id = ANY ($1) AND due_at <= $2
                        FOR UPDATE SKIP LOCKED
                    )
                    UPDATE jobs j
                    SET attempts = j.attempts + 1, lease = $3, lease_until = $4, due_at = $4
                    FROM free
                    WHERE j.id = free.id
                    RETURNING j.id, j.key, j.org_id, j.payload, j.attempts, free.due_at
                    """,
                    row => new Job(
                        row.GetString(0), kind, row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetInt64(5), token),
                    cancellation, chosen.Select(static job => job.Id).ToArray(), now, token, now + (long)lease.TotalMilliseconds);
                return [.. jobs.OrderBy(static job => job.DueAt).ThenBy(static job => job.Id, StringComparer.Ordinal)];
            },
            cancellation);

    public async Task AddAsync(NewJob job, CancellationToken cancellation)
    {
        await database.ExecuteAsync(
            """
            INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease_until)
            VALUES ($1, $2, $3, $4, $5, 0, $6, 0)
            """,
            cancellation, job.Id, job.Kind, job.Key, job.OrgId, job.Payload, job.DueAt);
        await AnnounceAsync(job.Kind, cancellation);
    }

    public async Task<bool> RenewAsync(Job job, long until, CancellationToken cancellation) =>
        await database.ExecuteAsync(
            "UPDATE jobs SET lease_until = $3, due_at = $3 WHERE id = $1 AND lease = $2", cancellation, job.Id, job.Lease, until) == 1;

    public Task<bool> CompleteAsync(Job job, CancellationToken cancellation) =>
        commits.RunAsync(new Completing(job) { Cancellation = cancellation }, cancellation);

    public async Task<bool> RescheduleAsync(Job job, long dueAt, CancellationToken cancellation)
    {
        var held = await database.ExecuteAsync(
            "UPDATE jobs SET due_at = $3, lease = NULL, lease_until = 0 WHERE id = $1 AND lease = $2", cancellation, job.Id, job.Lease, dueAt) == 1;
        if (held)
            await AnnounceAsync(job.Kind, cancellation);
        return held;
    }

    public async Task<bool> PostponeAsync(Job job, long dueAt, CancellationToken cancellation) =>
        await database.ExecuteAsync(
            "UPDATE jobs SET due_at = $3, attempts = attempts - 1, lease = NULL, lease_until = 0 WHERE id = $1 AND lease = $2",
            cancellation, job.Id, job.Lease, dueAt) == 1;

    public async Task<long?> NextDueAsync(string kind, CancellationToken cancellation) =>
        (await database.QueryAsync("SELECT min(due_at) FROM jobs WHERE kind = $1", static row => row.LongOrNull(0), cancellation, kind))[0];

    public Task WaitAsync(string kind, TimeSpan atMost, CancellationToken cancellation)
    {
        listener.Start();
        return signals.WaitAsync(kind, atMost, cancellation);
    }

    private async Task AnnounceAsync(string kind, CancellationToken cancellation)
    {
        signals.Pulse(kind);
        await database.ExecuteAsync(JobListener.Announcement, cancellation, kind);
    }

    private sealed class Completing(Job job) : GroupWork<bool>
    {
        public override string OrgId => job.OrgId;

        public override void Ask(GroupTransaction transaction) => transaction.Jobs.AskLease(job);

        public override void Decide(GroupTransaction transaction)
        {
            Result = transaction.Jobs.Holds(job);
            if (Result)
                transaction.Jobs.Finish(job);
        }
    }
}

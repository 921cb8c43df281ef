namespace Commune.Storage.Postgres;

/// <summary>
/// A leased job stands in <c>due_at</c> at the end of its lease, so one index finds both what is due and what was let go.
/// </summary>
internal sealed class PostgresJobStore(PostgresDatabase database, GroupCommit commits, JobSignals signals, JobListener listener) : IJobStore
{
    /// <summary>How many due jobs are looked at in their order before the look goes by key.</summary>
    private const int ReadInOrder = 1000;

    // The earliest due, but of each key only what its share leaves room for.
    private const string ChooseInOrder =
        """
        WITH held AS (
            SELECT key, count(*) AS jobs
            FROM jobs
            WHERE kind = $1 AND lease IS NOT NULL AND lease_until > $2
            GROUP BY key
        ), due AS (
            SELECT id, key, due_at, row_number() OVER (PARTITION BY key ORDER BY due_at, id) AS place
            FROM (SELECT id, key, due_at FROM jobs WHERE kind = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $5) earliest
        )
        SELECT due.id
        FROM due
        LEFT JOIN held ON held.key = due.key
        WHERE due.place <= $4 - COALESCE(held.jobs, 0)
        ORDER BY due.due_at, due.id
        LIMIT $3
        """;

    // The same, stepping from key to key: a long queue of one key costs no more than a short one.
    private const string ChooseByKey =
        """
        WITH RECURSIVE keys AS (
            (SELECT key FROM jobs WHERE kind = $1 ORDER BY key LIMIT 1)
            UNION ALL
            SELECT (SELECT j.key FROM jobs j WHERE j.kind = $1 AND j.key > k.key ORDER BY j.key LIMIT 1)
            FROM keys k
            WHERE k.key IS NOT NULL
        )
        SELECT due.id
        FROM keys k
        CROSS JOIN LATERAL (
            SELECT id, due_at
            FROM jobs
            WHERE kind = $1 AND key = k.key AND due_at <= $2
            ORDER BY due_at, id
            LIMIT GREATEST(0, $4 - (
                SELECT count(*)
                FROM jobs h
                WHERE h.kind = $1 AND h.key = k.key AND h.lease IS NOT NULL AND h.lease_until > $2))
        ) due
        ORDER BY due.due_at, due.id
        LIMIT $3
        """;

    public Task<IReadOnlyList<Job>> ClaimAsync(
        string kind, int max, int maxPerKey, long now, TimeSpan lease, CancellationToken cancellation) =>
        database.TransactAsync<IReadOnlyList<Job>>(
            async session =>
            {
                // One claim of a kind at a time: two that count the same leases would together exceed a key's share.
                await session.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext('jobs'), hashtext($1))", cancellation, kind);
                var chosen = await session.QueryAsync(
                    ChooseInOrder, static row => row.GetString(0), cancellation,
                    kind, now, (long)max, (long)maxPerKey, (long)ReadInOrder + max);
                if (chosen.Count < max && await IsLongAsync(session, kind, now, max, cancellation))
                {
                    chosen = await session.QueryAsync(
                        ChooseByKey, static row => row.GetString(0), cancellation,
                        kind, now, (long)max, (long)maxPerKey);
                }

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
                    cancellation, chosen.ToArray(), now, token, now + (long)lease.TotalMilliseconds);
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

    /// <summary>True when more jobs are due than are read in order.</summary>
    private static Task<bool> IsLongAsync(PostgresSession session, string kind, long now, int max, CancellationToken cancellation) =>
        session.ExistsAsync(
            "SELECT 1 FROM jobs WHERE kind = $1 AND due_at <= $2 ORDER BY due_at, id OFFSET $3 LIMIT 1",
            cancellation, kind, now, (long)ReadInOrder + max);

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

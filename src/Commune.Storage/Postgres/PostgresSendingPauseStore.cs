using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresSendingPauseStore(PostgresDatabase database, TimeProvider time) : ISendingPauseStore
{
    internal const string Columns = "org_id, paused_at, until, outcomes, hard_bounces, complaints";

    public Task<SendingPause?> GetAsync(string orgId, CancellationToken cancellation) =>
        database.FindAsync($"SELECT {Columns} FROM sending_pauses WHERE org_id = $1 AND paused_at IS NOT NULL", Map, cancellation, orgId);

    public async Task<IReadOnlyList<SendingPause>> ListAsync(CancellationToken cancellation) =>
        await database.QueryAsync($"SELECT {Columns} FROM sending_pauses WHERE paused_at IS NOT NULL", Map, cancellation);

    public async Task<IReadOnlyList<ReturnedMail>> FindReturnedAsync(long from, CancellationToken cancellation) =>
        await database.QueryAsync(
            """
            SELECT e.org_id, GREATEST($1, COALESCE(max(p.counted_from), 0)), count(*) FILTER (WHERE e.type = 'bounced'),
                -- People who complain, not complaints: one alone must not stop everybody's mail.
                count(DISTINCT e.recipient) FILTER (WHERE e.type = 'complained'), max(e.at)
            FROM delivery_events e
            LEFT JOIN sending_pauses p ON p.org_id = e.org_id
            WHERE e.at >= $1 AND e.at >= COALESCE(p.counted_from, 0)
                AND (e.type = 'complained' OR (e.type = 'bounced' AND e.bounce_class = 'hard'))
            GROUP BY e.org_id
            """,
            static row => new ReturnedMail(row.GetString(0), row.GetInt64(1), (int)row.GetInt64(2), (int)row.GetInt64(3), row.GetInt64(4)),
            cancellation, from);

    public Task PauseAsync(SendingPause pause, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            if (await session.LockOrganisationAsync(pause.OrgId, Now(), cancellation) is not { } head)
                return false;
            var begins = await FindAsync(session, pause.OrgId, cancellation) is null;
            await session.ExecuteAsync(
                """
                INSERT INTO sending_pauses AS p (org_id, paused_at, until, outcomes, hard_bounces, complaints, counted_from)
                VALUES ($1, $2, $3, $4, $5, $6, 0)
                ON CONFLICT (org_id) DO UPDATE
                SET paused_at = COALESCE(p.paused_at, excluded.paused_at), until = excluded.until, outcomes = excluded.outcomes,
                    hard_bounces = excluded.hard_bounces, complaints = excluded.complaints
                """,
                cancellation, pause.OrgId, pause.PausedAt, pause.Until, pause.Outcomes, pause.HardBounces, pause.Complaints);
            if (begins)
                await session.AppendAsync(head, head.Append("organisation.sending_paused", null, null, null, PauseEvent.Data(pause)), cancellation);
            return begins;
        },
        cancellation);

    public Task<bool> ResumeAsync(string orgId, long? forgiveBefore, long at, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            if (await session.LockOrganisationAsync(orgId, at, cancellation) is not { } head || await FindAsync(session, orgId, cancellation) is null)
                return false;
            await session.ExecuteAsync(
                "UPDATE sending_pauses SET paused_at = NULL, counted_from = GREATEST(counted_from, $2) WHERE org_id = $1",
                cancellation, orgId, forgiveBefore ?? 0L);
            await session.AppendAsync(head, head.Append("organisation.sending_resumed", null, null, null), cancellation);
            return true;
        },
        cancellation);

    internal static SendingPause Map(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), row.GetInt32(4), row.GetInt32(5));

    private static Task<SendingPause?> FindAsync(PostgresSession session, string orgId, CancellationToken cancellation) =>
        session.FindAsync($"SELECT {Columns} FROM sending_pauses WHERE org_id = $1 AND paused_at IS NOT NULL", Map, cancellation, orgId);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}

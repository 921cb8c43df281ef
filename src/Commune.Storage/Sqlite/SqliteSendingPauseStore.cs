namespace Commune.Storage.Sqlite;

internal sealed class SqliteSendingPauseStore(SqliteStore store) : ISendingPauseStore
{
    private const string Columns = "org_id, paused_at, until, outcomes, hard_bounces, complaints";

    public Task<SendingPause?> GetAsync(string orgId, CancellationToken cancellation) =>
        store.ReadAsync(session => Find(session, orgId), cancellation);

    public Task<IReadOnlyList<SendingPause>> ListAsync(CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<SendingPause>>(
        static session =>
        {
            var pauses = new List<SendingPause>();
            using var row = session.Query($"SELECT {Columns} FROM sending_pauses WHERE paused_at IS NOT NULL");
            while (row.Read())
                pauses.Add(Map(row));
            return pauses;
        },
        cancellation);

    public Task<IReadOnlyList<ReturnedMail>> FindReturnedAsync(long from, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<ReturnedMail>>(
        session =>
        {
            var returned = new List<ReturnedMail>();
            using var row = session.Query(
                """
                SELECT e.org_id, max(?1, coalesce(p.counted_from, 0)), sum(e.type = 'bounced'),
                  -- People who complain, not complaints: one alone must not stop everybody's mail.
                  count(DISTINCT CASE WHEN e.type = 'complained' THEN e.recipient END), max(e.at)
                FROM delivery_events e LEFT JOIN sending_pauses p ON p.org_id = e.org_id
                WHERE e.at >= ?1 AND e.at >= coalesce(p.counted_from, 0)
                  AND (e.type = 'complained' OR (e.type = 'bounced' AND e.bounce_class = 'hard'))
                GROUP BY e.org_id
                """,
                from);
            while (row.Read())
                returned.Add(new ReturnedMail(row.Text(0), row.Number(1), (int)row.Number(2), (int)row.Number(3), row.Number(4)));
            return returned;
        },
        cancellation);

    public Task PauseAsync(SendingPause pause, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var begins = Find(writes.Session, pause.OrgId) is null;
            writes.Session.Execute(
                """
                INSERT INTO sending_pauses (org_id, paused_at, until, outcomes, hard_bounces, complaints, counted_from)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
                ON CONFLICT (org_id) DO UPDATE SET
                  paused_at = coalesce(paused_at, excluded.paused_at), until = excluded.until, outcomes = excluded.outcomes,
                  hard_bounces = excluded.hard_bounces, complaints = excluded.complaints
                """,
                pause.OrgId, pause.PausedAt, pause.Until, pause.Outcomes, pause.HardBounces, pause.Complaints);
            if (begins)
                writes.AppendEvent(pause.OrgId, "organisation.sending_paused", null, null, null, PauseEvent.Data(pause));
            return begins;
        },
        cancellation);

    public Task<bool> ResumeAsync(string orgId, long? forgiveBefore, long at, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            if (Find(writes.Session, orgId) is null)
                return false;
            writes.Session.Execute(
                "UPDATE sending_pauses SET paused_at = NULL, counted_from = max(counted_from, ?2) WHERE org_id = ?1", orgId, forgiveBefore ?? 0);
            writes.AppendEvent(orgId, "organisation.sending_resumed", null, null, null, data: null);
            return true;
        },
        cancellation);

    internal static SendingPause? Find(SqliteSession session, string orgId)
    {
        using var row = session.Query($"SELECT {Columns} FROM sending_pauses WHERE org_id = ?1 AND paused_at IS NOT NULL", orgId);
        return row.Read() ? Map(row) : null;
    }

    private static SendingPause Map(SqliteRows row) => new(
        row.Text(0), row.Number(1), row.Number(2), (int)row.Number(3), (int)row.Number(4), (int)row.Number(5));
}

namespace Commune.Storage.Postgres;

internal sealed class PostgresEventStore(PostgresDatabase database, EventSignals signals, JobListener listener) : IEventStore
{
    public async Task<IReadOnlyList<MailEvent>> ReadAsync(string orgId, long after, int limit, CancellationToken cancellation) =>
        await database.QueryAsync(
            """
            SELECT seq, type, at, inbox_id, thread_id, message_id, data
            FROM events
            WHERE org_id = $1 AND seq > $2
            ORDER BY seq
            LIMIT $3
            """,
            row => new MailEvent(
                orgId, row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.TextOrNull(3), row.TextOrNull(4), row.TextOrNull(5), row.TextOrNull(6)),
            cancellation, orgId, after, limit);

    public async Task<long> NewestAsync(string orgId, CancellationToken cancellation) =>
        (await database.QueryAsync("SELECT event_seq FROM org_heads WHERE org_id = $1", static row => row.GetInt64(0), cancellation, orgId)).FirstOrDefault();

    public IEventWatch Watch(string orgId)
    {
        listener.Start();
        return signals.Watch(orgId);
    }
}

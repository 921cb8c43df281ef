namespace Commune.Storage.Sqlite;

/// <remarks>Numbers that were given out once must not be given again: so only durable events are read.</remarks>
internal sealed class SqliteEventStore(SqliteStore store, EventSignals signals) : IEventStore
{
    public Task<IReadOnlyList<MailEvent>> ReadAsync(string orgId, long after, int limit, CancellationToken cancellation) =>
        store.ReadDurableAsync<IReadOnlyList<MailEvent>>(
            session =>
            {
                var events = new List<MailEvent>();
                using var row = session.Query(
                    """
                    SELECT seq, type, at, inbox_id, thread_id, message_id, data FROM events
                    WHERE org_id = ?1 AND seq > ?2
                    ORDER BY seq LIMIT ?3
                    """,
                    orgId, after, limit);
                while (row.Read())
                {
                    events.Add(new MailEvent(
                        orgId, row.Number(0), row.Text(1), row.Number(2),
                        row.TextOrNull(3), row.TextOrNull(4), row.TextOrNull(5), row.TextOrNull(6)));
                }
                return events;
            },
            cancellation);

    public Task<long> NewestAsync(string orgId, CancellationToken cancellation) => store.ReadDurableAsync(
        session => session.Number("SELECT event_seq FROM org_heads WHERE org_id = ?1", orgId) ?? 0, cancellation);

    public IEventWatch Watch(string orgId) => signals.Watch(orgId);
}

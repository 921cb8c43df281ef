namespace Commune.Storage.Postgres;

internal sealed class PostgresDeliveryEventStore(PostgresDatabase database) : IDeliveryEventStore
{
    public async Task<Page<DeliveryEvent>> ListAsync(DeliveryEventQuery query, CancellationToken cancellation)
    {
        var filter = new PostgresFilter("org_id", query.OrgId);
        filter.AddIfGiven("message_id =", query.MessageId);
        filter.AddIfGiven("inbox_id =", query.InboxId);
        filter.AddIfGiven("domain_id =", query.DomainId);
        filter.AddIfGiven("type =", query.Type);
        if (query.Cursor is { } cursor)
            filter.Add($"(at, id) < ({filter.Next(cursor.At)}, {filter.Next(cursor.Id)})");
        var events = await database.QueryAsync(
            $"""
            SELECT org_id, id, message_id, inbox_id, domain_id, recipient, type, at, code, detail, bounce_class
            FROM delivery_events
            WHERE {filter}
            ORDER BY at DESC, id DESC
            LIMIT {filter.Next(query.Limit + 1L)}
            """,
            static row => new DeliveryEvent(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
                row.GetInt64(7), row.IntOrNull(8), row.TextOrNull(9), row.TextOrNull(10)),
            cancellation, filter.Values);
        return Page<DeliveryEvent>.From(events, query.Limit, static entry => new PageCursor(0, entry.At, entry.Id));
    }

    public async Task<DeliveryCounts> CountAsync(
        string orgId, string? inboxId, string? domainId, long from, long until, CancellationToken cancellation)
    {
        var filter = new PostgresFilter("org_id", orgId);
        filter.Add($"at BETWEEN {filter.Next(from)} AND {filter.Next(until)}");
        filter.AddIfGiven("inbox_id =", inboxId);
        filter.AddIfGiven("domain_id =", domainId);
        // Steps from domain to domain, so that one index serves.
        var domains = inboxId is null && domainId is null
            ? """
              WITH RECURSIVE d (id) AS (
                  (SELECT min(domain_id) FROM delivery_events WHERE org_id = $1)
                  UNION ALL
                  SELECT (SELECT min(domain_id) FROM delivery_events WHERE org_id = $1 AND domain_id > d.id) FROM d WHERE d.id IS NOT NULL)
              """
            : "";
        if (domains.Length > 0)
            filter.Add("domain_id IN (SELECT id FROM d WHERE id IS NOT NULL)");
        var counts = await database.QueryAsync(
            $"{domains} SELECT type, bounce_class, count(*) FROM delivery_events WHERE {filter} GROUP BY type, bounce_class",
            static row => (Type: row.GetString(0), Class: row.TextOrNull(1), Count: row.GetInt64(2)), cancellation, filter.Values);
        return counts.Aggregate(DeliveryCounts.None, static (sum, row) => sum.Plus(row.Type, row.Class, row.Count));
    }

    public async Task SweepAsync(long before, CancellationToken cancellation)
    {
        const long AtOnce = 5000;
        // Two nodes at the same time take different rows.
        while (await database.ExecuteAsync(
            """
            DELETE FROM delivery_events
            WHERE (org_id, message_id, id) IN (
                SELECT org_id, message_id, id FROM delivery_events WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
            """,
            cancellation, before, AtOnce) == AtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }
}

namespace Commune.Storage.Sqlite;

internal sealed class SqliteDeliveryEventStore(SqliteStore store) : IDeliveryEventStore
{
    private const string Select =
        """
        SELECT org_id, id, message_id, inbox_id, domain_id, recipient, type, at, code, detail, bounce_class FROM delivery_events
        WHERE org_id = ?1 AND
        """;

    // One text for each index that can lead; the other filters are tested on the rows that it gives.
    private const string Filters =
        """
        AND (?5 IS NULL OR inbox_id = ?5) AND (?6 IS NULL OR domain_id = ?6) AND (?7 IS NULL OR type = ?7)
        AND (at, id) < (?3, ?4) ORDER BY at DESC, id DESC LIMIT ?8
        """;

    private const int SweptAtOnce = 500;

    private const string Counts = "SELECT type, bounce_class, count(*) FROM delivery_events WHERE org_id = ?1 AND";

    public Task<Page<DeliveryEvent>> ListAsync(DeliveryEventQuery query, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            var events = new List<DeliveryEvent>();
            var (sql, lead) = query switch
            {
                { MessageId: { } message } => ($"{Select} message_id = ?2 {Filters}", message),
                { InboxId: { } inbox } => ($"{Select} inbox_id = ?2 {Filters}", inbox),
                { DomainId: { } domain } => ($"{Select} domain_id = ?2 {Filters}", domain),
                _ => throw new ArgumentException("A message, inbox or domain must be given.", nameof(query)),
            };
            using var row = session.Query(
                sql, query.OrgId, lead, query.Cursor?.At ?? long.MaxValue, query.Cursor?.Id ?? "", query.InboxId, query.DomainId, query.Type, query.Limit + 1L);
            while (row.Read())
                events.Add(Map(row));
            return Page<DeliveryEvent>.From(events, query.Limit, static entry => new PageCursor(0, entry.At, entry.Id));
        },
        cancellation);

    public Task<DeliveryCounts> CountAsync(
        string orgId, string? inboxId, string? domainId, long from, long until, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            var counts = DeliveryCounts.None;
            using var row = Count(session, orgId, inboxId, domainId, from, until);
            while (row.Read())
                counts = counts.Plus(row.Text(0), row.TextOrNull(1), row.Number(2));
            return counts;
        },
        cancellation);

    private static SqliteRows Count(SqliteSession session, string orgId, string? inboxId, string? domainId, long from, long until) => (inboxId, domainId) switch
    {
        (not null, null) => session.Query($"{Counts} inbox_id = ?4 AND at BETWEEN ?2 AND ?3 GROUP BY type, bounce_class", orgId, from, until, inboxId),
        (null, not null) => session.Query($"{Counts} domain_id = ?4 AND at BETWEEN ?2 AND ?3 GROUP BY type, bounce_class", orgId, from, until, domainId),
        (not null, not null) => session.Query(
            $"{Counts} inbox_id = ?4 AND domain_id = ?5 AND at BETWEEN ?2 AND ?3 GROUP BY type, bounce_class", orgId, from, until, inboxId, domainId),
        // Steps from domain to domain, so that one index serves.
        _ => session.Query(
            $"""
            WITH RECURSIVE d (id) AS (
              SELECT min(domain_id) FROM delivery_events WHERE org_id = ?1
              UNION ALL
              SELECT (SELECT min(domain_id) FROM delivery_events WHERE org_id = ?1 AND domain_id > d.id) FROM d WHERE d.id IS NOT NULL)
            {Counts} domain_id IN (SELECT id FROM d WHERE id IS NOT NULL) AND at BETWEEN ?2 AND ?3 GROUP BY type, bounce_class
            """,
            orgId, from, until),
    };

    private static DeliveryEvent Map(SqliteRows row) => new(
        row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5), row.Text(6), row.Number(7),
        (int?)row.NumberOrNull(8), row.TextOrNull(9), row.TextOrNull(10));

    public async Task SweepAsync(long before, CancellationToken cancellation)
    {
        var place = (OrgId: "", InboxId: "");
        while (true)
        {
            var (old, next) = await store.ReadAsync(session => InboxesWithOld(session, place, before), cancellation);
            foreach (var (orgId, inboxId) in old)
            {
                while (await store.WriteAsync(writes => DeleteOld(writes.Session, orgId, inboxId, before), cancellation) == SweptAtOnce)
                    cancellation.ThrowIfCancellationRequested();
            }
            if (next is not { } behind)
                return;
            place = behind;
        }
    }

    /// <summary>Steps from inbox to inbox by the index that begins with them: one by age alone would cost every event that is written.</summary>
    /// <returns>Those that have something to delete, and where to go on; null at the end.</returns>
    private static (List<(string OrgId, string InboxId)> Old, (string OrgId, string InboxId)? Next) InboxesWithOld(
        SqliteSession session, (string OrgId, string InboxId) place, long before)
    {
        const int AtOnce = 500;
        var old = new List<(string, string)>();
        for (var i = 0; i < AtOnce; i++)
        {
            using var row = session.Query(
                """
                SELECT org_id, inbox_id, at FROM delivery_events INDEXED BY delivery_events_by_inbox
                WHERE (org_id, inbox_id) > (?1, ?2) ORDER BY org_id, inbox_id, at LIMIT 1
                """,
                place.OrgId, place.InboxId);
            if (!row.Read())
                return (old, null);
            place = (row.Text(0), row.Text(1));
            if (row.Number(2) < before)
                old.Add(place);
        }
        return (old, place);
    }

    private static int DeleteOld(SqliteSession session, string orgId, string inboxId, long before) => session.Execute(
        """
        DELETE FROM delivery_events WHERE (org_id, message_id, id) IN (
          SELECT org_id, message_id, id FROM delivery_events INDEXED BY delivery_events_by_inbox
          WHERE org_id = ?1 AND inbox_id = ?2 AND at < ?3 ORDER BY at LIMIT ?4)
        """,
        orgId, inboxId, before, (long)SweptAtOnce);
}

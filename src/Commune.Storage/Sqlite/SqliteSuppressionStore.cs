namespace Commune.Storage.Sqlite;

internal sealed class SqliteSuppressionStore(SqliteStore store) : ISuppressionStore
{
    private const string Columns =
        "org_id, id, address, inbox_id, domain_id, reason, message_id, detail, suppressed_at, expires_at";

    // The places of a list: its cursor, what has ended, and the one address that is asked for.
    private const string Page =
        """
        AND (expires_at IS NULL OR expires_at > ?2) AND (suppressed_at, id) < (?3, ?4) AND (?5 IS NULL OR address = ?5)
        ORDER BY suppressed_at DESC, id DESC LIMIT ?6
        """;

    public Task<Suppression> AddAsync(Suppression suppression, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            SuppressionRow.Add(writes.Session, suppression);
            using var row = writes.Session.Query(
                $"SELECT {Columns} FROM suppressions WHERE org_id = ?1 AND inbox_id = ?2 AND address = ?3",
                suppression.OrgId, suppression.InboxId ?? "", suppression.Address.ToLowerInvariant());
            row.Read();
            return Map(row);
        },
        cancellation);

    public Task<IReadOnlyList<Suppression>> FindAsync(
        string orgId, string inboxId, IReadOnlyList<string> addresses, long now, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<Suppression>>(
        session =>
        {
            var found = new List<Suppression>();
            foreach (var address in addresses.Select(static address => address.ToLowerInvariant()).Distinct(StringComparer.Ordinal))
            {
                using var row = session.Query(
                    $"""
                    SELECT {Columns} FROM suppressions
                    WHERE org_id = ?1 AND inbox_id IN (?2, '') AND address = ?3 AND (expires_at IS NULL OR expires_at > ?4)
                    ORDER BY strength DESC LIMIT 1
                    """,
                    orgId, inboxId, address, now);
                if (row.Read())
                    found.Add(Map(row));
                else if (SuppressionHashRow.Find(session, orgId, address) is { } hashed)
                    found.Add(hashed);
            }
            return found;
        },
        cancellation);

    public Task<Page<Suppression>> ListAsync(SuppressionQuery query, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            var entries = new List<Suppression>();
            using var row = Query(session, query);
            while (row.Read())
                entries.Add(Map(row));
            return Page<Suppression>.From(entries, query.Limit, static entry => new PageCursor(0, entry.SuppressedAt, entry.Id));
        },
        cancellation);

    public Task<bool> RemoveAsync(string orgId, string id, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            string inboxId, address;
            using (var row = writes.Session.Query("SELECT inbox_id, address FROM suppressions WHERE org_id = ?1 AND id = ?2", orgId, id))
            {
                if (!row.Read())
                    return false;
                (inboxId, address) = (row.Text(0), row.Text(1));
            }
            writes.Session.Execute("DELETE FROM suppressions WHERE org_id = ?1 AND id = ?2", orgId, id);
            SuppressionRow.ForgetSoftBounces(writes.Session, orgId, inboxId, address);
            return true;
        },
        cancellation);

    public Task<int> RemoveAsync(string orgId, string address, string? inboxId, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var key = address.ToLowerInvariant();
            var inboxes = new List<string>();
            using (var row = writes.Session.Query(
                "SELECT inbox_id FROM suppressions WHERE org_id = ?1 AND address = ?2 AND (?3 IS NULL OR inbox_id = ?3)", orgId, key, inboxId))
            {
                while (row.Read())
                    inboxes.Add(row.Text(0));
            }
            foreach (var inbox in inboxes)
            {
                writes.Session.Execute("DELETE FROM suppressions WHERE org_id = ?1 AND inbox_id = ?2 AND address = ?3", orgId, inbox, key);
                SuppressionRow.ForgetSoftBounces(writes.Session, orgId, inbox, key);
            }
            return inboxes.Count + (inboxId is null && SuppressionHashRow.Remove(writes.Session, orgId, key) ? 1 : 0);
        },
        cancellation);

    private static SqliteRows Query(SqliteSession session, SuppressionQuery query)
    {
        var (at, id) = (query.Cursor?.At ?? long.MaxValue, query.Cursor?.Id ?? "");
        var address = query.Address?.ToLowerInvariant();
        var limit = query.Limit + 1L;
        return query switch
        {
            { InboxId: { } inbox } => session.Query(
                $"""
                SELECT * FROM (SELECT {Columns} FROM suppressions WHERE org_id = ?1 AND inbox_id = ?7 AND (?8 IS NULL OR domain_id = ?8) {Page})
                UNION ALL
                SELECT * FROM (SELECT {Columns} FROM suppressions WHERE org_id = ?1 AND inbox_id = '' {Page})
                ORDER BY 9 DESC, 2 DESC LIMIT ?6
                """,
                query.OrgId, query.Now, at, id, address, limit, inbox, query.DomainId),
            { DomainId: { } domain } => session.Query(
                $"""
                SELECT * FROM (SELECT {Columns} FROM suppressions WHERE org_id = ?1 AND domain_id = ?7 {Page})
                UNION ALL
                SELECT * FROM (SELECT {Columns} FROM suppressions WHERE org_id = ?1 AND inbox_id = '' {Page})
                ORDER BY 9 DESC, 2 DESC LIMIT ?6
                """,
                query.OrgId, query.Now, at, id, address, limit, domain),
            { Address: not null } => session.Query(
                $"SELECT {Columns} FROM suppressions WHERE org_id = ?1 {Page}", query.OrgId, query.Now, at, id, address, limit),
            _ => throw new ArgumentException("An inbox, domain or address must be given.", nameof(query)),
        };
    }

    private static Suppression Map(SqliteRows row) => new(
        row.Text(0), row.Text(1), row.Text(2), row.Text(3) is { Length: > 0 } inbox ? inbox : null, row.TextOrNull(4), row.Text(5),
        row.TextOrNull(6), row.TextOrNull(7), row.Number(8), row.NumberOrNull(9));
}

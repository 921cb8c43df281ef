namespace Commune.Storage.Sqlite;

internal sealed class SqliteInboxStore(SqliteStore store, TimeProvider time) : IInboxStore
{
    private readonly KeptRows<(string OrgId, string InboxId), Inbox?> kept = new(store, time);
    private readonly KeptRows<string, bool> localDomains = new(store, time);

    private const string Columns =
        "org_id, id, domain_id, domain_name, local_part, display_name, webhook, extraction_schema, status, created_at, screening";

    private const string Read = Columns + ", schema_version";

    private const string Active = "active";

    public Task<bool> CreateAsync(Inbox inbox, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (!TryTakeAddress(session, inbox))
                return false;
            Insert(session, inbox);
            writes.Audit(audit);
            return true;
        },
        cancellation);

    public Task<Inbox?> GetAsync(string orgId, string inboxId, CancellationToken cancellation) =>
        kept.GetAsync((orgId, inboxId), session => Get(session, orgId, inboxId), cancellation);

    public Task<Page<Inbox>> ListAsync(string orgId, string? domainId, int limit, PageCursor? cursor, CancellationToken cancellation)
    {
        const string Order = "deleted_at IS NULL AND (created_at, id) > (?2, ?3) ORDER BY created_at, id LIMIT ?4";
        return store.ReadAsync(
            session =>
            {
                var inboxes = new List<Inbox>();
                var (at, id) = (cursor?.At ?? long.MinValue, cursor?.Id ?? "");
                using var row = domainId is null
                    ? session.Query($"SELECT {Read} FROM inboxes WHERE org_id = ?1 AND {Order}", orgId, at, id, limit + 1L)
                    : session.Query($"SELECT {Read} FROM inboxes WHERE org_id = ?1 AND domain_id = ?5 AND {Order}", orgId, at, id, limit + 1L, domainId);
                while (row.Read())
                    inboxes.Add(Map(row));
                return Page<Inbox>.From(inboxes, limit, static inbox => new PageCursor(0, inbox.CreatedAt, inbox.Id));
            },
            cancellation);
    }

    public Task<Inbox?> FindByAddressAsync(string orgId, string domainName, string localPart, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query(
                $"""
                SELECT {Read} FROM inboxes
                WHERE org_id = ?1 AND deleted_at IS NULL AND id =
                  (SELECT a.inbox_id FROM domain_names n
                   JOIN addresses a ON a.domain_id = n.domain_id AND a.local_part = ?3
                   WHERE n.name = ?2 AND a.org_id = ?1)
                """,
                orgId, domainName, localPart);
            return row.Read() ? Map(row) : null;
        },
        cancellation);

    public Task<InboxUpdate> UpdateAsync(Inbox inbox, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (Get(session, inbox.OrgId, inbox.Id) is not { } present)
                return InboxUpdate.NotFound;

            // The domain of an inbox is its own for good.
            inbox = inbox with { DomainId = present.DomainId };
            if (inbox.LocalPart != present.LocalPart)
            {
                if (!TryTakeAddress(session, inbox))
                    return InboxUpdate.AddressTaken;
                FreeAddress(session, present);
            }
            else if (inbox.Status != present.Status)
            {
                session.Execute(
                    "UPDATE addresses SET active = ?3 WHERE domain_id = ?1 AND local_part = ?2",
                    inbox.DomainId, inbox.LocalPart, inbox.Status == Active);
            }

            session.Execute(
                """
                UPDATE inboxes SET local_part = ?3, display_name = ?4, webhook = ?5, extraction_schema = ?6, status = ?7, screening = ?8, extracts = ?9,
                  schema_version = schema_version + (extraction_schema IS NOT ?6)
                WHERE org_id = ?1 AND id = ?2
                """,
                inbox.OrgId, inbox.Id, inbox.LocalPart, inbox.DisplayName, SqliteJson.Write(inbox.Webhook), inbox.ExtractionSchema, inbox.Status,
                SqliteJson.Write(inbox.Screening), inbox.Extracts);
            writes.Audit(audit);
            return InboxUpdate.Updated;
        },
        cancellation);

    public Task<bool> DeleteAsync(string orgId, string inboxId, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            if (Get(writes.Session, orgId, inboxId) is not { } inbox)
                return false;
            FreeAddress(writes.Session, inbox);
            writes.Session.Execute("UPDATE inboxes SET deleted_at = ?3 WHERE org_id = ?1 AND id = ?2", orgId, inboxId, writes.Now);
            writes.Audit(audit);
            return true;
        },
        cancellation);

    public async Task<InboxRoute?> RouteAsync(string domainName, string localPart, CancellationToken cancellation)
    {
        if (store.Routes.Find(domainName, localPart) is { } known)
            return known;
        var asOf = store.Routes.Version;
        var route = await ReadRouteAsync(domainName, localPart, cancellation);
        if (route is not null)
            store.Routes.Keep(domainName, localPart, route, asOf);
        return route;
    }

    private Task<InboxRoute?> ReadRouteAsync(string domainName, string localPart, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query(
                """
                SELECT a.org_id, a.inbox_id, a.domain_id,
                  EXISTS (SELECT 1 FROM sender_lists s WHERE s.org_id = a.org_id AND s.inbox_id = a.inbox_id),
                  i.screening
                FROM domain_names n
                JOIN addresses a ON a.domain_id = n.domain_id AND a.local_part = ?2
                JOIN inboxes i ON i.org_id = a.org_id AND i.id = a.inbox_id
                WHERE n.name = ?1 AND a.active = 1
                """,
                domainName, localPart);
            return row.Read()
                ? new InboxRoute(row.Text(0), row.Text(1), row.Text(2), $"{localPart}@{domainName}") { HasSenderLists = row.Flag(3), Screening = ScreeningOf(row, 4) }
                : null;
        },
        cancellation);

    public Task<InboxRoute?> RouteToOwnerAsync(string domainName, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query(
                """
                SELECT i.org_id, i.id, i.domain_id, i.local_part, i.domain_name, i.screening FROM domain_names n
                JOIN inboxes i ON i.org_id = n.org_id
                WHERE n.name = ?1 AND i.deleted_at IS NULL AND i.status = 'active'
                ORDER BY i.created_at, i.id LIMIT 1
                """,
                domainName);
            return row.Read() ? new InboxRoute(row.Text(0), row.Text(1), row.Text(2), $"{row.Text(3)}@{row.Text(4)}") { Screening = ScreeningOf(row, 5) } : null;
        },
        cancellation);

    public Task<bool> IsLocalDomainAsync(string domainName, CancellationToken cancellation) =>
        localDomains.GetAsync(domainName, session => session.Any("SELECT 1 FROM domain_names WHERE name = ?1", domainName), cancellation);

    internal static void Insert(SqliteSession session, Inbox inbox) => session.Execute(
        $"INSERT INTO inboxes ({Columns}, extracts, schema_version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?8 IS NOT NULL)",
        inbox.OrgId, inbox.Id, inbox.DomainId, inbox.DomainName, inbox.LocalPart, inbox.DisplayName,
        SqliteJson.Write(inbox.Webhook), inbox.ExtractionSchema, inbox.Status, inbox.CreatedAt, SqliteJson.Write(inbox.Screening), inbox.Extracts);

    /// <summary>True when the inbox exists, and may send and receive.</summary>
    internal static bool IsActive(SqliteSession session, string orgId, string inboxId) => session.Any(
        "SELECT 1 FROM inboxes WHERE org_id = ?1 AND id = ?2 AND deleted_at IS NULL AND status = 'active'", orgId, inboxId);

    /// <param name="webhook">The setting that is read with it, or null.</param>
    /// <param name="extracts">Mail is read by the inbox's schema.</param>
    internal static bool IsActive(SqliteSession session, string orgId, string inboxId, out WebhookSetting? webhook, out bool extracts)
    {
        using var row = session.Query(
            "SELECT webhook, extracts FROM inboxes WHERE org_id = ?1 AND id = ?2 AND deleted_at IS NULL AND status = 'active'", orgId, inboxId);
        var active = row.Read();
        webhook = active && !row.IsNull(0) ? SqliteJson.ReadWebhook(row.Span(0)) : null;
        extracts = active && row.Flag(1);
        return active;
    }

    internal static Inbox? Get(SqliteSession session, string orgId, string inboxId)
    {
        using var row = session.Query(
            $"SELECT {Read} FROM inboxes WHERE org_id = ?1 AND id = ?2 AND deleted_at IS NULL", orgId, inboxId);
        return row.Read() ? Map(row) : null;
    }

    private static bool TryTakeAddress(SqliteSession session, Inbox inbox) => session.Execute(
        """
        INSERT INTO addresses (domain_id, local_part, org_id, inbox_id, active) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO NOTHING
        """,
        inbox.DomainId, inbox.LocalPart, inbox.OrgId, inbox.Id, inbox.Status == Active) == 1;

    private static void FreeAddress(SqliteSession session, Inbox inbox) =>
        session.Execute("DELETE FROM addresses WHERE domain_id = ?1 AND local_part = ?2", inbox.DomainId, inbox.LocalPart);

    private static ScreeningSetting? ScreeningOf(SqliteRows row, int column) => row.IsNull(column) ? null : SqliteJson.ReadScreening(row.Span(column));

    private static Inbox Map(SqliteRows row) => new(
        row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.TextOrNull(5),
        row.IsNull(6) ? null : SqliteJson.ReadWebhook(row.Span(6)), row.TextOrNull(7), row.Text(8), row.Number(9))
    {
        Screening = ScreeningOf(row, 10),
        SchemaVersion = (int)row.Number(11),
    };
}

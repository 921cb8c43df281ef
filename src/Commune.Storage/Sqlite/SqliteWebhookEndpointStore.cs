namespace Commune.Storage.Sqlite;

internal sealed class SqliteWebhookEndpointStore(SqliteStore store) : IWebhookEndpointStore
{
    private const string Columns =
        """
        org_id, id, endpoint, events, inbox_ids, secret, former_secret, former_secret_until, headers, description, enabled, disabled_reason,
        created_at, updated_at
        """;

    public Task<WebhookCreation> CreateAsync(WebhookEndpoint endpoint, int most, CancellationToken cancellation, AuditEntry? audit = null) =>
        store.WriteAsync(
            writes =>
            {
                if (writes.Session.Number("SELECT count(*) FROM webhook_endpoints WHERE org_id = ?1", endpoint.OrgId) >= most)
                    return WebhookCreation.TooMany;
                Write(writes, endpoint, audit);
                return WebhookCreation.Created;
            },
            cancellation);

    public Task<WebhookEndpoint?> GetAsync(string orgId, string id, CancellationToken cancellation) =>
        store.ReadAsync(session => Get(session, orgId, id), cancellation);

    public Task<Page<WebhookEndpoint>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            var rows = new List<WebhookEndpoint>();
            using var row = session.Query(
                $"""
                SELECT {Columns} FROM webhook_endpoints
                WHERE org_id = ?1 AND (created_at, id) > (?2, ?3)
                ORDER BY created_at, id LIMIT ?4
                """,
                orgId, cursor?.At ?? 0, cursor?.Id ?? "", limit + 1L);
            while (row.Read())
                rows.Add(Map(row));
            return Page<WebhookEndpoint>.From(rows, limit, static endpoint => new PageCursor(0, endpoint.CreatedAt, endpoint.Id));
        },
        cancellation);

    public Task<WebhookEndpoint?> ChangeAsync(
        string orgId, string id, Func<WebhookEndpoint, WebhookEndpoint> change, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            if (Get(writes.Session, orgId, id) is not { } present)
                return null;
            var endpoint = change(present);
            Write(writes, endpoint, audit);
            return endpoint;
        },
        cancellation);

    public Task<bool> DeleteAsync(string orgId, string id, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            if (writes.Session.Execute("DELETE FROM webhook_endpoints WHERE org_id = ?1 AND id = ?2", orgId, id) == 0)
                return false;
            writes.EndpointsChanged(orgId);
            writes.Audit(audit);
            return true;
        },
        cancellation);

    internal static WebhookEndpoint? Get(SqliteSession session, string orgId, string id)
    {
        using var row = session.Query($"SELECT {Columns} FROM webhook_endpoints WHERE org_id = ?1 AND id = ?2", orgId, id);
        return row.Read() ? Map(row) : null;
    }

    /// <summary>The endpoints that are called.</summary>
    internal static IReadOnlyList<WebhookSubscription> Active(SqliteSession session, string orgId)
    {
        var active = new List<WebhookSubscription>();
        using var row = session.Query(
            "SELECT id, endpoint, events, inbox_ids FROM webhook_endpoints WHERE org_id = ?1 AND enabled = 1 AND disabled_reason IS NULL ORDER BY id", orgId);
        while (row.Read())
            active.Add(new WebhookSubscription(row.Text(0), row.Text(1), SqliteJson.ReadTexts(row.Span(2)), SqliteJson.ReadTexts(row.Span(3))));
        return active;
    }

    /// <summary>Switches off an endpoint that said that it is gone; false when it is set to another URL by now, or switched off before.</summary>
    internal static bool Disable(SqliteWrites writes, string orgId, string id, string endpoint, string reason)
    {
        var disabled = writes.Session.Execute(
            "UPDATE webhook_endpoints SET disabled_reason = ?4 WHERE org_id = ?1 AND id = ?2 AND endpoint = ?3 AND disabled_reason IS NULL",
            orgId, id, endpoint, reason) == 1;
        if (disabled)
            writes.EndpointsChanged(orgId);
        return disabled;
    }

    private static void Write(SqliteWrites writes, WebhookEndpoint endpoint, AuditEntry? audit)
    {
        writes.Session.Execute(
            $"""
            INSERT OR REPLACE INTO webhook_endpoints ({Columns})
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """,
            endpoint.OrgId, endpoint.Id, endpoint.Endpoint, SqliteJson.Write(endpoint.Events), SqliteJson.Write(endpoint.InboxIds), endpoint.Secret,
            endpoint.FormerSecret, endpoint.FormerSecretUntil, SqliteJson.Write(endpoint.Headers), endpoint.Description, endpoint.Enabled,
            endpoint.DisabledReason, endpoint.CreatedAt, endpoint.UpdatedAt);
        writes.EndpointsChanged(endpoint.OrgId);
        writes.Audit(audit);
    }

    private static WebhookEndpoint Map(SqliteRows row) => new(
        row.Text(0), row.Text(1), row.Text(2), SqliteJson.ReadTexts(row.Span(3)), SqliteJson.ReadTexts(row.Span(4)), row.Text(5), row.TextOrNull(6),
        row.NumberOrNull(7), SqliteJson.ReadMap(row.Span(8)), row.TextOrNull(9), row.Flag(10), row.TextOrNull(11), row.Number(12), row.Number(13));
}

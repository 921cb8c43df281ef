using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresWebhookEndpointStore(PostgresDatabase database) : IWebhookEndpointStore
{
    private const string Columns =
        """
        org_id, id, endpoint, events, inbox_ids, secret, former_secret, former_secret_until, headers, description, enabled, disabled_reason,
        created_at, updated_at
        """;

    public Task<WebhookCreation> CreateAsync(WebhookEndpoint endpoint, int most, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                // The organisation's row: whoever appends an event sees the endpoint or comes before it; two that count at once do not exceed the maximum.
                await session.LockOrganisationAsync(endpoint.OrgId, endpoint.CreatedAt, cancellation);
                if (await session.ExistsAsync("SELECT 1 FROM webhook_endpoints WHERE org_id = $1 OFFSET $2 LIMIT 1", cancellation, endpoint.OrgId, most - 1L))
                    return WebhookCreation.TooMany;
                await session.ExecuteAsync(
                    $"INSERT INTO webhook_endpoints ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                    cancellation, Values(endpoint));
                await ChangedAsync(session, endpoint.OrgId, cancellation);
                await session.AuditAsync(audit, cancellation);
                return WebhookCreation.Created;
            },
            cancellation);

    public Task<WebhookEndpoint?> GetAsync(string orgId, string id, CancellationToken cancellation) => FindAsync(database, orgId, id, cancellation);

    public async Task<Page<WebhookEndpoint>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation) =>
        Page<WebhookEndpoint>.From(
            await database.QueryAsync(
                $"""
                SELECT {Columns}
                FROM webhook_endpoints
                WHERE org_id = $1 AND (created_at, id) > ($2, $3)
                ORDER BY created_at, id
                LIMIT $4
                """,
                Map, cancellation, orgId, cursor?.At ?? 0, cursor?.Id ?? "", limit + 1L),
            limit,
            static endpoint => new PageCursor(0, endpoint.CreatedAt, endpoint.Id));

    public Task<WebhookEndpoint?> ChangeAsync(
        string orgId, string id, Func<WebhookEndpoint, WebhookEndpoint> change, CancellationToken cancellation, AuditEntry? audit = null) => database.TransactAsync(
        async session =>
        {
            await session.LockOrganisationAsync(orgId, 0, cancellation);
            var present = await session.FindAsync(
                $"SELECT {Columns} FROM webhook_endpoints WHERE org_id = $1 AND id = $2 FOR UPDATE", Map, cancellation, orgId, id);
            if (present is null)
                return null;
            var endpoint = change(present);
            await session.ExecuteAsync(
                $"""
                UPDATE webhook_endpoints SET ({Columns}) = ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                WHERE org_id = $1 AND id = $2
                """,
                cancellation, Values(endpoint));
            await ChangedAsync(session, orgId, cancellation);
            await session.AuditAsync(audit, cancellation);
            return endpoint;
        },
        cancellation);

    public Task<bool> DeleteAsync(string orgId, string id, CancellationToken cancellation, AuditEntry? audit = null) => database.TransactAsync(
        async session =>
        {
            await session.LockOrganisationAsync(orgId, 0, cancellation);
            if (await session.ExecuteAsync("DELETE FROM webhook_endpoints WHERE org_id = $1 AND id = $2", cancellation, orgId, id) == 0)
                return false;
            await ChangedAsync(session, orgId, cancellation);
            await session.AuditAsync(audit, cancellation);
            return true;
        },
        cancellation);

    internal static Task<WebhookEndpoint?> FindAsync(PostgresDatabase database, string orgId, string id, CancellationToken cancellation) =>
        database.FindAsync($"SELECT {Columns} FROM webhook_endpoints WHERE org_id = $1 AND id = $2", Map, cancellation, orgId, id);

    /// <summary>The endpoints that are called, of an organisation whose row this transaction holds; read again only when they have changed.</summary>
    internal static async Task<IReadOnlyList<WebhookSubscription>> SubscriptionsAsync(
        PostgresSession session, WebhookSubscriptions subscriptions, OrgHead head, CancellationToken cancellation)
    {
        if (head.Endpoints == 0)
            return [];
        if (subscriptions.Find(head.OrgId, head.Endpoints) is { } known)
            return known;
        var active = await session.QueryAsync(
            """
            SELECT id, endpoint, events, inbox_ids
            FROM webhook_endpoints
            WHERE org_id = $1 AND enabled = 1 AND disabled_reason IS NULL
            ORDER BY id
            """,
            static row => new WebhookSubscription(
                row.GetString(0), row.GetString(1), PostgresJson.ReadList(row.GetString(2)), PostgresJson.ReadList(row.GetString(3))),
            cancellation, head.OrgId);
        subscriptions.Keep(head.OrgId, head.Endpoints, active);
        return active;
    }

    /// <summary>Switches off an endpoint that said that it is gone; false when it is set to another URL by now, or switched off before.</summary>
    internal static async Task<bool> DisableAsync(
        PostgresSession session, string orgId, string id, string endpoint, string reason, CancellationToken cancellation)
    {
        var disabled = await session.ExecuteAsync(
            "UPDATE webhook_endpoints SET disabled_reason = $4 WHERE org_id = $1 AND id = $2 AND endpoint = $3 AND disabled_reason IS NULL",
            cancellation, orgId, id, endpoint, reason) == 1;
        if (disabled)
            await ChangedAsync(session, orgId, cancellation);
        return disabled;
    }

    /// <summary>Says that the organisation's endpoints changed; the table has the change already.</summary>
    internal static Task ChangedAsync(PostgresSession session, string orgId, CancellationToken cancellation) => session.ExecuteAsync(
        """
        UPDATE org_heads SET endpoints = CASE WHEN EXISTS (
            SELECT 1 FROM webhook_endpoints WHERE org_id = $1 AND enabled = 1 AND disabled_reason IS NULL) THEN $2::bigint ELSE 0 END
        WHERE org_id = $1
        """,
        cancellation, orgId, WebhookSubscriptions.NewMark());

    private static object?[] Values(WebhookEndpoint endpoint) =>
    [
        endpoint.OrgId, endpoint.Id, endpoint.Endpoint, PostgresJson.List(endpoint.Events), PostgresJson.List(endpoint.InboxIds), endpoint.Secret,
        endpoint.FormerSecret, endpoint.FormerSecretUntil, PostgresJson.Map(endpoint.Headers), endpoint.Description, endpoint.Enabled ? 1 : 0,
        endpoint.DisabledReason, endpoint.CreatedAt, endpoint.UpdatedAt,
    ];

    private static WebhookEndpoint Map(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), PostgresJson.ReadList(row.GetString(3)), PostgresJson.ReadList(row.GetString(4)),
        row.GetString(5), row.TextOrNull(6), row.LongOrNull(7), PostgresJson.ReadMap(row.GetString(8)), row.TextOrNull(9), row.GetInt32(10) != 0,
        row.TextOrNull(11), row.GetInt64(12), row.GetInt64(13));
}

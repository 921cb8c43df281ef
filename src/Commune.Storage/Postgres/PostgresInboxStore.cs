using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresInboxStore(PostgresDatabase database, SharedLookUps lookUps, TimeProvider time) : IInboxStore
{
    private const string Columns =
        "i.org_id, i.id, i.domain_id, i.domain_name, i.local_part, i.display_name, i.webhook, i.extraction_schema, i.status, i.created_at, i.screening, i.schema_version";
    private const string Active = "active";

    public Task<bool> CreateAsync(Inbox inbox, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                // Held against the domain's deletion.
                await session.ExecuteAsync(
                    "SELECT 1 FROM domains WHERE id = $2 AND (org_id = $1 OR shared = 1) FOR KEY SHARE", cancellation, inbox.OrgId, inbox.DomainId);
                if (!await TakeAddressAsync(session, inbox, cancellation))
                    return false;
                await InsertAsync(session, inbox, cancellation);
                await session.AuditAsync(audit, cancellation);
                return true;
            },
            cancellation);

    public Task<Inbox?> GetAsync(string orgId, string inboxId, CancellationToken cancellation) =>
        database.FindAsync(
            $"SELECT {Columns} FROM inboxes i WHERE i.org_id = $1 AND i.id = $2 AND i.deleted_at IS NULL", Read, cancellation, orgId, inboxId);

    public async Task<Page<Inbox>> ListAsync(string orgId, string? domainId, int limit, PageCursor? cursor, CancellationToken cancellation) =>
        Page<Inbox>.From(
            await database.QueryAsync(
                $"""
                SELECT {Columns}
                FROM inboxes i
                WHERE i.org_id = $1 AND i.deleted_at IS NULL AND (i.created_at, i.id) > ($2, $3)
                    {(domainId is null ? "" : "AND i.domain_id = $5")}
                ORDER BY i.created_at, i.id
                LIMIT $4
                """,
                Read, cancellation,
                [orgId, cursor?.At ?? long.MinValue, cursor?.Id ?? "", limit + 1L, .. domainId is null ? Array.Empty<object?>() : [domainId]]),
            limit,
            static inbox => new PageCursor(0, inbox.CreatedAt, inbox.Id));

    public Task<Inbox?> FindByAddressAsync(string orgId, string domainName, string localPart, CancellationToken cancellation) =>
        database.FindAsync(
            $"""
            SELECT {Columns}
            FROM domain_names n
            JOIN addresses a ON a.domain_id = n.domain_id AND a.local_part = $3 AND a.org_id = $1
            JOIN inboxes i ON i.org_id = a.org_id AND i.id = a.inbox_id
            WHERE n.name = $2 AND i.deleted_at IS NULL
            """,
            Read, cancellation, orgId, domainName, localPart);

    public Task<InboxUpdate> UpdateAsync(Inbox inbox, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                // The organisation's row: mail that is being stored sees the inbox either before or after this.
                await session.LockOrganisationAsync(inbox.OrgId, atLeast: 0, cancellation);
                var present = await session.FindAsync(
                    $"SELECT {Columns} FROM inboxes i WHERE i.org_id = $1 AND i.id = $2 AND i.deleted_at IS NULL FOR UPDATE",
                    Read, cancellation, inbox.OrgId, inbox.Id);
                if (present is null)
                    return InboxUpdate.NotFound;

                if (present.LocalPart != inbox.LocalPart)
                {
                    if (!await TakeAddressAsync(session, inbox with { DomainId = present.DomainId }, cancellation))
                        return InboxUpdate.AddressTaken;
                    await FreeAddressAsync(session, present, cancellation);
                }
                else if (present.Status != inbox.Status)
                {
                    await session.ExecuteAsync(
                        "UPDATE addresses SET active = $3 WHERE domain_id = $1 AND local_part = $2",
                        cancellation, present.DomainId, present.LocalPart, inbox.Status == Active ? 1 : 0);
                }

                await session.ExecuteAsync(
                    """
                    UPDATE inboxes
                    SET local_part = $3, display_name = $4, webhook = $5, extraction_schema = $6, status = $7, screening = $8, extracts = $9,
                        schema_version = schema_version + CASE WHEN extraction_schema IS DISTINCT FROM $6::text THEN 1 ELSE 0 END
                    WHERE org_id = $1 AND id = $2
                    """,
                    cancellation, inbox.OrgId, inbox.Id, inbox.LocalPart, inbox.DisplayName, PostgresJson.Webhook(inbox.Webhook),
                    inbox.ExtractionSchema, inbox.Status, PostgresJson.Screening(inbox.Screening), inbox.Extracts ? 1L : 0L);
                await session.AuditAsync(audit, cancellation);
                return InboxUpdate.Updated;
            },
            cancellation);

    public Task<bool> DeleteAsync(string orgId, string inboxId, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                await session.LockOrganisationAsync(orgId, atLeast: 0, cancellation);
                var deleted = await session.FindAsync(
                    $"""
                    UPDATE inboxes i SET deleted_at = $3
                    WHERE i.org_id = $1 AND i.id = $2 AND i.deleted_at IS NULL
                    RETURNING {Columns}
                    """,
                    Read, cancellation, orgId, inboxId, time.GetUtcNow().ToUnixTimeMilliseconds());
                if (deleted is null)
                    return false;
                await FreeAddressAsync(session, deleted, cancellation);
                await session.AuditAsync(audit, cancellation);
                return true;
            },
            cancellation);

    public Task<InboxRoute?> RouteAsync(string domainName, string localPart, CancellationToken cancellation) =>
        lookUps.RunAsync(new RouteLookUp(domainName, localPart) { Cancellation = cancellation }, cancellation);

    public Task<InboxRoute?> RouteToOwnerAsync(string domainName, CancellationToken cancellation) =>
        database.FindAsync(
            """
            SELECT i.org_id, i.id, i.domain_id, i.local_part, i.domain_name, i.screening
            FROM domain_names n
            JOIN inboxes i ON i.org_id = n.org_id
            WHERE n.name = $1 AND i.deleted_at IS NULL AND i.status = 'active'
            ORDER BY i.created_at, i.id
            LIMIT 1
            """,
            static row => new InboxRoute(row.GetString(0), row.GetString(1), row.GetString(2), $"{row.GetString(3)}@{row.GetString(4)}")
            {
                Screening = PostgresJson.ReadScreening(row.TextOrNull(5)),
            },
            cancellation, domainName);

    public Task<bool> IsLocalDomainAsync(string domainName, CancellationToken cancellation) =>
        database.ExistsAsync("SELECT 1 FROM domain_names WHERE name = $1", cancellation, domainName);

    internal static Task InsertAsync(PostgresSession session, Inbox inbox, CancellationToken cancellation) => session.ExecuteAsync(
        """
        INSERT INTO inboxes (
            org_id, id, domain_id, domain_name, local_part, display_name, webhook, extraction_schema, status, created_at, screening, extracts, schema_version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, CASE WHEN $8::text IS NULL THEN 0 ELSE 1 END)
        """,
        cancellation, inbox.OrgId, inbox.Id, inbox.DomainId, inbox.DomainName, inbox.LocalPart, inbox.DisplayName,
        PostgresJson.Webhook(inbox.Webhook), inbox.ExtractionSchema, inbox.Status, inbox.CreatedAt,
        PostgresJson.Screening(inbox.Screening), inbox.Extracts ? 1L : 0L);

    private static async Task<bool> TakeAddressAsync(PostgresSession session, Inbox inbox, CancellationToken cancellation) =>
        await session.ExecuteAsync(
            """
            INSERT INTO addresses (domain_id, local_part, org_id, inbox_id, active) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING
            """,
            cancellation, inbox.DomainId, inbox.LocalPart, inbox.OrgId, inbox.Id, inbox.Status == Active ? 1 : 0) == 1;

    private static Task FreeAddressAsync(PostgresSession session, Inbox inbox, CancellationToken cancellation) =>
        session.ExecuteAsync(
            "DELETE FROM addresses WHERE domain_id = $1 AND local_part = $2 AND inbox_id = $3",
            cancellation, inbox.DomainId, inbox.LocalPart, inbox.Id);

    private static Inbox Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.TextOrNull(5),
        PostgresJson.ReadWebhook(row.TextOrNull(6)), row.TextOrNull(7), row.GetString(8), row.GetInt64(9))
    {
        Screening = PostgresJson.ReadScreening(row.TextOrNull(10)),
        SchemaVersion = (int)row.GetInt64(11),
    };
}

namespace Commune.Storage.Postgres;

internal sealed class PostgresAuditStore(PostgresDatabase database) : IAuditStore
{
    public async Task<Page<AuditEntry>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation) =>
        Page<AuditEntry>.From(
            await database.QueryAsync(
                """
                SELECT org_id, id, at, actor, action, target, address
                FROM audit
                WHERE org_id = $1 AND id < $2
                ORDER BY id DESC
                LIMIT $3
                """,
                static row => new AuditEntry(
                    row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetString(5), row.TextOrNull(6)),
                cancellation, orgId, cursor?.Id ?? "~", limit + 1L),
            limit,
            static entry => new PageCursor(0, entry.At, entry.Id));
}

internal static class PostgresAudit
{
    /// <summary>Writes the entry with the change that it reports; null when nobody asked for one.</summary>
    public static Task AuditAsync(this PostgresSession session, AuditEntry? entry, CancellationToken cancellation) =>
        entry is null
            ? Task.CompletedTask
            : session.ExecuteAsync(
                "INSERT INTO audit (org_id, id, at, actor, action, target, address) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                cancellation, entry.OrgId, entry.Id, entry.At, entry.Actor, entry.Action, entry.Target, entry.Address);
}

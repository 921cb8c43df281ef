namespace Commune.Storage.Sqlite;

internal sealed class SqliteAuditStore(SqliteStore store) : IAuditStore
{
    public Task<Page<AuditEntry>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            var entries = new List<AuditEntry>();
            using var row = session.Query(
                """
                SELECT org_id, id, at, actor, action, target, address FROM audit
                WHERE org_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3
                """,
                orgId, cursor?.Id ?? "~", limit + 1L);
            while (row.Read())
            {
                entries.Add(new AuditEntry(
                    row.Text(0), row.Text(1), row.Number(2), row.Text(3), row.Text(4), row.Text(5), row.TextOrNull(6)));
            }
            return Page<AuditEntry>.From(entries, limit, static entry => new PageCursor(0, entry.At, entry.Id));
        },
        cancellation);
}

internal static class SqliteAudit
{
    /// <summary>Writes the entry with the change that it reports; null when nobody asked for one.</summary>
    public static void Audit(this SqliteWrites writes, AuditEntry? entry)
    {
        if (entry is null)
            return;
        writes.Session.Execute(
            "INSERT INTO audit (org_id, id, at, actor, action, target, address) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            entry.OrgId, entry.Id, entry.At, entry.Actor, entry.Action, entry.Target, entry.Address);
    }
}

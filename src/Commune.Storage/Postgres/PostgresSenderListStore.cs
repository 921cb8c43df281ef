namespace Commune.Storage.Postgres;

internal sealed class PostgresSenderListStore(PostgresDatabase database) : ISenderListStore
{
    public async Task<SenderLists> GetAsync(string orgId, string inboxId, CancellationToken cancellation) =>
        await database.FindAsync(
            "SELECT mode, allow, block FROM sender_lists WHERE org_id = $1 AND inbox_id = $2",
            static row => new SenderLists(row.GetString(0), PostgresJson.ReadList(row.GetString(1)), PostgresJson.ReadList(row.GetString(2))),
            cancellation, orgId, inboxId) ?? SenderLists.None;

    public Task SetAsync(string orgId, string inboxId, SenderLists lists, long at, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                if (lists.IsNone)
                {
                    await session.ExecuteAsync("DELETE FROM sender_lists WHERE org_id = $1 AND inbox_id = $2", cancellation, orgId, inboxId);
                }
                else
                {
                    await session.ExecuteAsync(
                        """
                        INSERT INTO sender_lists (org_id, inbox_id, mode, allow, block, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
                        ON CONFLICT (org_id, inbox_id) DO UPDATE
                        SET mode = excluded.mode, allow = excluded.allow, block = excluded.block, updated_at = excluded.updated_at
                        """,
                        cancellation, orgId, inboxId, lists.Mode, PostgresJson.List(lists.Allow), PostgresJson.List(lists.Block), at);
                }
                await session.AuditAsync(audit, cancellation);
                return true;
            },
            cancellation);
}

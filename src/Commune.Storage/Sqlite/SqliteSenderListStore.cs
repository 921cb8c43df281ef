namespace Commune.Storage.Sqlite;

internal sealed class SqliteSenderListStore(SqliteStore store) : ISenderListStore
{
    public Task<SenderLists> GetAsync(string orgId, string inboxId, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query("SELECT mode, allow, block FROM sender_lists WHERE org_id = ?1 AND inbox_id = ?2", orgId, inboxId);
            return row.Read() ? new SenderLists(row.Text(0), SqliteJson.ReadTexts(row.Span(1)), SqliteJson.ReadTexts(row.Span(2))) : SenderLists.None;
        },
        cancellation);

    public Task SetAsync(string orgId, string inboxId, SenderLists lists, long at, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            if (lists.IsNone)
            {
                writes.Session.Execute("DELETE FROM sender_lists WHERE org_id = ?1 AND inbox_id = ?2", orgId, inboxId);
            }
            else
            {
                writes.Session.Execute(
                    "INSERT OR REPLACE INTO sender_lists (org_id, inbox_id, mode, allow, block, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    orgId, inboxId, lists.Mode, SqliteJson.Write(lists.Allow), SqliteJson.Write(lists.Block), at);
            }
            writes.Audit(audit);
            return true;
        },
        cancellation);
}

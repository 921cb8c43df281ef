namespace Commune.Storage.Sqlite;

internal sealed class SqliteExtractionStore(SqliteStore store) : IExtractionStore
{
    private const string Columns =
        "org_id, inbox_id, id, status, schema_version, total, done, failed, cursor_at, cursor_id, before, started_at, ended_at, error";

    public Task<bool> RecordAsync(Job job, MessageExtraction extraction, long at, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            if (!SqliteJobStore.Complete(writes, job))
                return false;
            Record(writes, extraction, at);
            return true;
        },
        cancellation, Size(extraction));

    public Task<bool> RecordAsync(MessageExtraction extraction, long at, CancellationToken cancellation) =>
        store.WriteAsync(writes => Record(writes, extraction, at), cancellation, Size(extraction));

    public Task<ExtractionBackfill> StartBackfillAsync(string orgId, string inboxId, int schemaVersion, long now, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var known = Find(writes.Session, orgId, inboxId);
            if (known is { Status: ExtractionBackfill.Running })
                return known;
            var before = writes.Clock(orgId, now);
            var total = writes.Session.Number(
                "SELECT count(*) FROM messages WHERE org_id = ?1 AND inbox_id = ?2 AND created_at < ?3 AND direction = 'inbound'", orgId, inboxId, before) ?? 0;
            var begun = ExtractionBackfill.Begin(orgId, inboxId, schemaVersion, total, before, now, known);
            Write(writes.Session, begun);
            writes.AddJob(begun.Id, JobKind.ExtractBackfill, inboxId, orgId, inboxId, now);
            return begun;
        },
        cancellation);

    public Task<ExtractionBackfill?> FindBackfillAsync(string orgId, string inboxId, CancellationToken cancellation) =>
        store.ReadAsync(session => Find(session, orgId, inboxId), cancellation);

    public Task<bool> AdvanceBackfillAsync(Job job, ExtractionBackfill backfill, long? nextAt, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            if (!(nextAt is { } due ? SqliteJobStore.Reschedule(writes, job, due) : SqliteJobStore.Complete(writes, job)))
                return false;
            Write(writes.Session, backfill);
            return true;
        },
        cancellation);

    private static int Size(MessageExtraction extraction) => (extraction.Data?.Length ?? 0) + extraction.Info.Length + extraction.EventData.Length;

    private static bool Record(SqliteWrites writes, MessageExtraction extraction, long at)
    {
        var session = writes.Session;
        string inboxId, threadId;
        (string? Data, string Info) kept;
        using (var row = session.Query(
            "SELECT inbox_id, thread_id, extracted_data, extraction FROM messages WHERE org_id = ?1 AND id = ?2 AND direction = 'inbound'",
            extraction.OrgId, extraction.MessageId))
        {
            if (!row.Read())
                return false;
            (inboxId, threadId) = (row.Text(0), row.Text(1));
            kept = extraction.Over(row.TextOrNull(2), row.TextOrNull(3));
        }

        session.Execute(
            "UPDATE messages SET extracted_data = ?3, extraction = ?4 WHERE org_id = ?1 AND id = ?2",
            extraction.OrgId, extraction.MessageId, kept.Data, kept.Info);
        writes.AppendEvent(extraction.OrgId, "extraction.completed", inboxId, threadId, extraction.MessageId, extraction.EventData);
        if (session.Execute(
            """
            UPDATE jobs SET due_at = ?3 WHERE kind = ?4 AND lease IS NULL AND due_at > ?3
              AND id IN (SELECT id FROM webhook_deliveries WHERE org_id = ?1 AND message_id = ?2 AND status = 'pending' AND attempts = 0)
            """,
            extraction.OrgId, extraction.MessageId, at, JobKind.Webhook) > 0)
            writes.Signalled.Add(JobKind.Webhook);
        return true;
    }

    private static ExtractionBackfill? Find(SqliteSession session, string orgId, string inboxId)
    {
        using var row = session.Query($"SELECT {Columns} FROM extraction_backfills WHERE org_id = ?1 AND inbox_id = ?2", orgId, inboxId);
        return row.Read()
            ? new ExtractionBackfill(
                row.Text(0), row.Text(1), row.Text(2), row.Text(3), (int)row.Number(4), row.Number(5), row.Number(6), row.Number(7),
                row.Text(9).Length == 0 ? null : new PageCursor(0, row.Number(8), row.Text(9)), row.Number(10), row.Number(11), row.NumberOrNull(12), row.TextOrNull(13))
            : null;
    }

    private static void Write(SqliteSession session, ExtractionBackfill backfill) => session.Execute(
        $"INSERT OR REPLACE INTO extraction_backfills ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        backfill.OrgId, backfill.InboxId, backfill.Id, backfill.Status, backfill.SchemaVersion, backfill.Total, backfill.Done, backfill.Failed,
        backfill.Cursor?.At ?? 0, backfill.Cursor?.Id ?? "", backfill.Before, backfill.StartedAt, backfill.EndedAt, backfill.Error);
}

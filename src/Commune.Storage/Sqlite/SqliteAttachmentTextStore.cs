namespace Commune.Storage.Sqlite;

internal sealed class SqliteAttachmentTextStore(SqliteStore store) : IAttachmentTextStore
{
    public Task<bool> RecordAsync(Job job, string messageId, IReadOnlyList<ReadAttachment> files, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (!SqliteJobStore.Holds(session, job))
                return false;
            session.Execute("DELETE FROM jobs WHERE id = ?1", job.Id);
            SearchRow.Document parent;
            using (var row = session.Query(
                "SELECT document, thread_id, inbox_id, at FROM search_documents WHERE org_id = ?1 AND message_id = ?2 AND parent = 0", job.OrgId, messageId))
            {
                if (!row.Read())
                    return true;
                parent = new SearchRow.Document(messageId, row.Text(1), row.Text(2), row.Number(3)) { Parent = row.Number(0) };
            }
            if (session.Any("SELECT 1 FROM search_documents WHERE org_id = ?1 AND message_id = ?2 AND parent <> 0 LIMIT 1", job.OrgId, messageId))
                return true;
            session.Execute("DELETE FROM attachment_texts WHERE org_id = ?1 AND message_id = ?2", job.OrgId, messageId);
            foreach (var file in files)
            {
                session.Execute(
                    "INSERT INTO attachment_texts (org_id, message_id, attachment_id, text) VALUES (?1, ?2, ?3, ?4)",
                    job.OrgId, messageId, file.AttachmentId, file.Text);
                SearchRow.Insert(writes, job.OrgId, parent with { AttachmentId = file.AttachmentId }, file.Entry);
            }
            return true;
        },
        cancellation);
}

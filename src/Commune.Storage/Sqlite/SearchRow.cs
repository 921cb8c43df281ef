namespace Commune.Storage.Sqlite;

/// <summary>What a message that is stored or deleted changes in the index of its organisation.</summary>
internal static class SearchRow
{
    /// <param name="At">Unix ms.</param>
    public sealed record Document(string MessageId, string ThreadId, string InboxId, long At)
    {
        /// <summary>Of a file: the document of its message.</summary>
        public long Parent { get; init; }
        public string AttachmentId { get; init; } = "";
    }

    /// <summary>Indexes a message in the transaction that stores it, and has its files read.</summary>
    public static void Insert(SqliteWrites writes, string orgId, string messageId, string threadId, string inboxId, long at, SearchEntry entry)
    {
        Insert(writes, orgId, new Document(messageId, threadId, inboxId, at), entry);
        if (!entry.ReadsAttachments)
            return;
        writes.Session.Execute(
            """
            INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease, lease_until)
            VALUES (?1, ?2, ?3, ?3, ?4, 0, 0, NULL, 0)
            ON CONFLICT DO NOTHING
            """,
            SearchBlocks.ReadingJobId(messageId), JobKind.ReadAttachments, orgId, messageId);
        writes.Signalled.Add(JobKind.ReadAttachments);
    }

    public static void Insert(SqliteWrites writes, string orgId, Document row, SearchEntry entry)
    {
        var session = writes.Session;
        var document = writes.NextDocument(orgId);
        session.Execute(
            """
            INSERT INTO search_documents
              (org_id, document, message_id, thread_id, inbox_id, at, length, has_attachment, model, vector, parent, attachment_id)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """,
            orgId, document, row.MessageId, row.ThreadId, row.InboxId, row.At, entry.Length, entry.HasAttachment, entry.Model,
            (ReadOnlyMemory<byte>?)entry.Vector, row.Parent, row.AttachmentId);
        session.Execute(
            "INSERT INTO search_tail (org_id, document, terms) VALUES (?1, ?2, ?3)", orgId, document, (ReadOnlyMemory<byte>?)entry.Terms);
        if (document % SearchBlocks.AskEvery == 0)
            Ask(writes, orgId);
        if (entry.NeedsVector)
            AskVectors(writes, orgId);
    }

    /// <summary>Adds the organisation's job, unless it is there.</summary>
    public static void Ask(SqliteWrites writes, string orgId) => Ask(writes, orgId, SearchBlocks.JobId(orgId), JobKind.SearchIndex);

    /// <summary>The same of the job that has a provider make vectors.</summary>
    public static void AskVectors(SqliteWrites writes, string orgId) => Ask(writes, orgId, SearchBlocks.VectorJobId(orgId), JobKind.EmbedMail);

    /// <summary>The same of the job that copies vectors to a search engine beside the store.</summary>
    public static void AskMirror(SqliteWrites writes, string orgId) => Ask(writes, orgId, SearchBlocks.MirrorJobId(orgId), JobKind.MirrorVectors);

    private static void Ask(SqliteWrites writes, string orgId, string id, string kind)
    {
        writes.Session.Execute(
            """
            INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease, lease_until)
            VALUES (?1, ?2, ?3, ?3, '', 0, 0, NULL, 0)
            ON CONFLICT DO NOTHING
            """,
            id, kind, orgId);
        writes.Signalled.Add(kind);
    }

    /// <summary>Takes messages out of the index; nodes that know them hear of it with their next query.</summary>
    public static void Delete(SqliteWrites writes, string orgId, IEnumerable<string> messageIds)
    {
        var session = writes.Session;
        var gone = new List<long>();
        foreach (var id in messageIds)
        {
            var first = gone.Count;
            using (var row = session.Query("SELECT document FROM search_documents WHERE org_id = ?1 AND message_id = ?2", orgId, id))
            {
                while (row.Read())
                    gone.Add(row.Number(0));
            }
            foreach (var document in gone.Skip(first))
            {
                session.Execute("DELETE FROM search_documents WHERE org_id = ?1 AND document = ?2", orgId, document);
                session.Execute("DELETE FROM search_tail WHERE org_id = ?1 AND document = ?2", orgId, document);
                session.Execute(
                    """
                    DELETE FROM search_vectors
                    WHERE org_id = ?1 AND document = ?2 AND model IN (SELECT model FROM search_vector_places WHERE org_id = ?1)
                    """,
                    orgId, document);
            }
        }
        if (gone.Count == 0)
            return;
        session.Execute("UPDATE org_heads SET search_deletions = search_deletions + 1 WHERE org_id = ?1", orgId);
        session.Execute(
            """
            INSERT INTO search_deletions (org_id, deletion, at, documents, purged)
            SELECT org_id, search_deletions, ?2, ?3, 0 FROM org_heads WHERE org_id = ?1
            """,
            orgId, writes.Now, SearchBlocks.Pack(gone));
        Ask(writes, orgId);
    }

    public static void Sweep(SqliteSession session, long now, long atOnce) => session.Execute(
        """
        DELETE FROM search_deletions WHERE (org_id, deletion) IN
          (SELECT org_id, deletion FROM search_deletions WHERE purged = 1 AND at <= ?1 LIMIT ?2)
        """,
        now - SearchBlocks.DeletionLife, atOnce);
}

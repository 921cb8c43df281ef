namespace Commune.Storage.Sqlite;

/// <summary>What a message that is stored or deleted changes in the index of its organisation.</summary>
internal static class SearchRow
{
    /// <summary>Indexes a message in the transaction that stores it.</summary>
    public static void Insert(SqliteWrites writes, string orgId, string messageId, string threadId, string inboxId, long at, SearchEntry entry)
    {
        var session = writes.Session;
        var document = writes.NextDocument(orgId);
        session.Execute(
            """
            INSERT INTO search_documents (org_id, document, message_id, thread_id, inbox_id, at, length, has_attachment, model, vector)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """,
            orgId, document, messageId, threadId, inboxId, at, entry.Length, entry.HasAttachment, entry.Model, (ReadOnlyMemory<byte>?)entry.Vector);
        session.Execute(
            "INSERT INTO search_tail (org_id, document, terms) VALUES (?1, ?2, ?3)", orgId, document, (ReadOnlyMemory<byte>?)entry.Terms);
        if (document % SearchBlocks.AskEvery == 0)
            Ask(writes, orgId);
    }

    /// <summary>Adds the organisation's job, unless it is there.</summary>
    public static void Ask(SqliteWrites writes, string orgId)
    {
        writes.Session.Execute(
            """
            INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease, lease_until)
            VALUES (?1, ?2, ?3, ?3, '', 0, 0, NULL, 0)
            ON CONFLICT DO NOTHING
            """,
            SearchBlocks.JobId(orgId), JobKind.SearchIndex, orgId);
        writes.Signalled.Add(JobKind.SearchIndex);
    }

    /// <summary>Takes messages out of the index; nodes that know them hear of it with their next query.</summary>
    public static void Delete(SqliteWrites writes, string orgId, IEnumerable<string> messageIds)
    {
        var session = writes.Session;
        var gone = new List<long>();
        foreach (var id in messageIds)
        {
            if (session.Number("SELECT document FROM search_documents WHERE org_id = ?1 AND message_id = ?2", orgId, id) is not { } document)
                continue;
            session.Execute("DELETE FROM search_documents WHERE org_id = ?1 AND document = ?2", orgId, document);
            session.Execute("DELETE FROM search_tail WHERE org_id = ?1 AND document = ?2", orgId, document);
            gone.Add(document);
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

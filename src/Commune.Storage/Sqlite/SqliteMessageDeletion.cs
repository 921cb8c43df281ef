namespace Commune.Storage.Sqlite;

/// <summary>Deletes a batch of messages with all that hangs on them, and makes their threads what the rest of the messages say.</summary>
internal static class SqliteMessageDeletion
{
    private const int AtOnce = 200;

    /// <summary>Those of a thread are read up to here for its participants.</summary>
    private const int MostRead = 1000;

    private const string OrphanedRaw =
        """
        org_id = ?1 AND id = ?2
        AND NOT EXISTS (SELECT 1 FROM messages WHERE org_id = ?1 AND id = ?2)
        AND NOT EXISTS (SELECT 1 FROM messages WHERE org_id = ?1 AND raw_id = ?2 AND raw_id <> id)
        """;

    private static readonly (DeletedTable Table, string Delete, string? Garbage)[] Dependents =
    [
        .. DeletedTables.All.Where(static table => table.Message is not null).Select(static table => (
            table,
            $"DELETE FROM {table.Name} WHERE org_id = ?1 AND {table.Message} = ?2",
            table.Blob is { } blob
                ? $"INSERT INTO blob_garbage (key) SELECT {blob} FROM {table.Name} WHERE org_id = ?1 AND {table.Message} = ?2 AND {blob} IS NOT NULL ON CONFLICT DO NOTHING"
                : null)),
    ];

    /// <summary>Deletes up to a batch of the next inbox that has something to delete.</summary>
    /// <param name="from">The inbox to go on with; empty at first.</param>
    /// <returns>The inbox, or null when nothing is left.</returns>
    public static string? Batch(SqliteWrites writes, DeletionTarget target, long cutoff, string from, DeletionCounts deleted)
    {
        var session = writes.Session;
        // One range of one index, however large the organisation is.
        var inboxId = session.Text(
            """
            SELECT i.id FROM inboxes i
            WHERE i.org_id = ?1 AND i.id >= ?4 AND (?2 IS NULL OR i.id = ?2)
              AND EXISTS (SELECT 1 FROM messages m WHERE m.org_id = i.org_id AND m.inbox_id = i.id AND m.created_at < ?3)
            ORDER BY i.id LIMIT 1
            """,
            target.OrgId, target.InboxId, cutoff, from);
        if (inboxId is null)
            return null;

        var messages = new List<(string Id, string ThreadId, string RawId, string? SmtpId)>();
        using (var row = session.Query(
            """
            SELECT id, thread_id, raw_id, smtp_message_id FROM messages
            WHERE org_id = ?1 AND inbox_id = ?2 AND created_at < ?3
            ORDER BY created_at, id LIMIT ?4
            """,
            target.OrgId, inboxId, cutoff, AtOnce))
        {
            while (row.Read())
                messages.Add((row.Text(0), row.Text(1), row.Text(2), row.TextOrNull(3)));
        }
        SearchRow.Delete(writes, target.OrgId, messages.Select(static message => message.Id));
        foreach (var (id, threadId, rawId, smtpId) in messages)
        {
            foreach (var (table, delete, garbage) in Dependents)
            {
                if (garbage is not null)
                    session.Execute(garbage, target.OrgId, id);
                deleted.Add(table.CountedAs, session.Execute(delete, target.OrgId, id));
            }
            if (smtpId is not null)
            {
                session.Execute(
                    "DELETE FROM thread_refs WHERE org_id = ?1 AND inbox_id = ?2 AND message_id = ?3 AND thread_id = ?4",
                    target.OrgId, inboxId, ThreadRow.Key(smtpId), threadId);
            }
            session.Execute("DELETE FROM messages WHERE org_id = ?1 AND id = ?2", target.OrgId, id);
            session.Execute(
                $"INSERT INTO blob_garbage (key) SELECT lower(hex(sha256)) FROM raw_messages WHERE inline IS NULL AND {OrphanedRaw} ON CONFLICT DO NOTHING",
                target.OrgId, rawId);
            session.Execute($"DELETE FROM raw_messages WHERE {OrphanedRaw}", target.OrgId, rawId);
        }
        deleted.Add("messages", messages.Count);
        foreach (var threadId in messages.Select(static message => message.ThreadId).Distinct(StringComparer.Ordinal))
            Settle(session, target.OrgId, threadId, deleted);
        return inboxId;
    }

    /// <summary>
    /// The newest message of a thread that keeps any is never deleted (whoever deletes says until when), so its snippet and last direction stay.
    /// </summary>
    private static void Settle(SqliteSession session, string orgId, string threadId, DeletionCounts deleted)
    {
        if (!session.Any("SELECT 1 FROM messages WHERE org_id = ?1 AND thread_id = ?2 LIMIT 1", orgId, threadId))
        {
            if (session.Any(
                """
                SELECT 1 FROM threads
                WHERE org_id = ?1 AND id = ?2 AND (status <> 'open' OR assigned_to IS NOT NULL OR tags <> '[]')
                """,
                orgId, threadId))
            {
                deleted.Add("thread_metadata", 1);
            }
            deleted.Add("threads", session.Execute("DELETE FROM threads WHERE org_id = ?1 AND id = ?2", orgId, threadId));
            return;
        }
        var participants = new List<Participant>();
        using (var row = session.Query(
            "SELECT participants FROM messages WHERE org_id = ?1 AND thread_id = ?2 ORDER BY created_at, id LIMIT ?3", orgId, threadId, MostRead))
        {
            while (row.Read())
                participants.AddRange(SqliteJson.ReadParticipants(row.Span(0)));
        }
        session.Execute(
            """
            UPDATE threads SET
              message_count = (SELECT count(*) FROM messages m WHERE m.org_id = ?1 AND m.thread_id = ?2),
              first_message_at = (SELECT min(m.created_at) FROM messages m WHERE m.org_id = ?1 AND m.thread_id = ?2),
              last_message_at = (SELECT max(m.created_at) FROM messages m WHERE m.org_id = ?1 AND m.thread_id = ?2),
              has_attachments = EXISTS (SELECT 1 FROM messages m WHERE m.org_id = ?1 AND m.thread_id = ?2 AND m.attachment_ids <> '[]'),
              participants = ?3
            WHERE org_id = ?1 AND id = ?2
            """,
            orgId, threadId, SqliteJson.Write(ThreadRow.Addresses(participants)));
    }
}

namespace Commune.Storage.Postgres;

/// <summary>Deletes a batch of messages with all that hangs on them, and makes their threads what the rest of the messages say.</summary>
internal static class PostgresMessageDeletion
{
    private const long AtOnce = 200;

    /// <summary>Those of a thread are read up to here for its participants.</summary>
    private const long MostRead = 1000;
    private const int MostParticipants = 500;

    private const string OrphanedRaw =
        """
        r.org_id = $1 AND r.id = ANY ($2)
            AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.org_id = $1 AND m.id = r.id)
            AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.org_id = $1 AND m.raw_id = r.id AND m.raw_id <> m.id)
        """;

    private static readonly (DeletedTable Table, string Delete, string? Garbage)[] Dependents =
    [
        .. DeletedTables.All.Where(static table => table.Message is not null).Select(static table => (
            table,
            $"DELETE FROM {table.Name} WHERE org_id = $1 AND {table.Message} = ANY ($2)",
            table.Blob is { } blob
                ? $"INSERT INTO blob_garbage (key) SELECT DISTINCT {blob} FROM {table.Name} WHERE org_id = $1 AND {table.Message} = ANY ($2) AND {blob} IS NOT NULL ON CONFLICT DO NOTHING"
                : null)),
    ];

    /// <summary>Deletes up to a batch of the next inbox that has something to delete.</summary>
    /// <param name="from">The inbox to go on with; empty at first.</param>
    /// <returns>The inbox, or null when nothing is left.</returns>
    public static async Task<string?> BatchAsync(
        PostgresSession session, DeletionTarget target, long cutoff, string from, DeletionCounts deleted, CancellationToken cancellation)
    {
        // One range of one index, however large the organisation is.
        var inboxId = await session.FindAsync(
            """
            SELECT i.id
            FROM inboxes i
            WHERE i.org_id = $1 AND i.id >= $4 AND ($2::text IS NULL OR i.id = $2)
                AND EXISTS (SELECT 1 FROM messages m WHERE m.org_id = i.org_id AND m.inbox_id = i.id AND m.created_at < $3)
            ORDER BY i.id
            LIMIT 1
            """,
            static row => row.GetString(0), cancellation, target.OrgId, target.InboxId, cutoff, from);
        if (inboxId is null)
            return null;

        var messages = await session.QueryAsync(
            """
            SELECT id, thread_id, raw_id, smtp_message_id
            FROM messages
            WHERE org_id = $1 AND inbox_id = $2 AND created_at < $3
            ORDER BY created_at, id
            LIMIT $4
            """,
            static row => (Id: row.GetString(0), ThreadId: row.GetString(1), RawId: row.GetString(2), SmtpId: row.TextOrNull(3)),
            cancellation, target.OrgId, inboxId, cutoff, AtOnce);
        var ids = messages.Select(static message => message.Id).ToArray();
        await PostgresSearchRow.DeleteAsync(session, target.OrgId, ids, cancellation);
        foreach (var (table, delete, garbage) in Dependents)
        {
            if (garbage is not null)
                await session.ExecuteAsync(garbage, cancellation, target.OrgId, ids);
            deleted.Add(table.CountedAs, await session.ExecuteAsync(delete, cancellation, target.OrgId, ids));
        }
        var known = messages.Where(static message => message.SmtpId is not null).ToArray();
        await session.ExecuteAsync(
            """
            DELETE FROM thread_refs r
            USING unnest($3::text[], $4::text[]) AS k (message_id, thread_id)
            WHERE r.org_id = $1 AND r.inbox_id = $2 AND r.message_id = k.message_id AND r.thread_id = k.thread_id
            """,
            cancellation, target.OrgId, inboxId,
            known.Select(static message => PostgresText.Key(message.SmtpId!)).ToArray(), known.Select(static message => message.ThreadId).ToArray());
        deleted.Add("messages", await session.ExecuteAsync(
            "DELETE FROM messages WHERE org_id = $1 AND id = ANY ($2)", cancellation, target.OrgId, ids));
        var raws = messages.Select(static message => message.RawId).Distinct(StringComparer.Ordinal).ToArray();
        await session.ExecuteAsync(
            $"""
            INSERT INTO blob_garbage (key)
            SELECT DISTINCT encode(r.sha256, 'hex') FROM raw_messages r WHERE r.inline IS NULL AND {OrphanedRaw}
            ON CONFLICT DO NOTHING
            """,
            cancellation, target.OrgId, raws);
        await session.ExecuteAsync($"DELETE FROM raw_messages r WHERE {OrphanedRaw}", cancellation, target.OrgId, raws);
        foreach (var threadId in messages.Select(static message => message.ThreadId).Distinct(StringComparer.Ordinal))
            await SettleAsync(session, target.OrgId, threadId, deleted, cancellation);
        return inboxId;
    }

    /// <summary>
    /// The newest message of a thread that keeps any is never deleted (whoever deletes says until when), so its snippet and last direction stay.
    /// </summary>
    private static async Task SettleAsync(
        PostgresSession session, string orgId, string threadId, DeletionCounts deleted, CancellationToken cancellation)
    {
        var rest = await session.QueryAsync(
            "SELECT participants FROM messages WHERE org_id = $1 AND thread_id = $2 ORDER BY created_at, id LIMIT $3",
            static row => row.GetString(0), cancellation, orgId, threadId, MostRead);
        if (rest.Count == 0)
        {
            var triaged = await session.QueryAsync(
                """
                DELETE FROM threads WHERE org_id = $1 AND id = $2
                RETURNING status <> 'open' OR assigned_to IS NOT NULL OR tags <> '{}'
                """,
                static row => row.GetBoolean(0), cancellation, orgId, threadId);
            deleted.Add("threads", triaged.Count);
            deleted.Add("thread_metadata", triaged.Count(static was => was));
            return;
        }
        var participants = rest.SelectMany(PostgresJson.ReadParticipants).Select(static participant => participant.Identity)
            .Where(static address => address.Length > 0).Distinct(StringComparer.Ordinal).Take(MostParticipants);
        await session.ExecuteAsync(
            """
            UPDATE threads t
            SET message_count = m.messages, first_message_at = m.first_at, last_message_at = m.last_at, has_attachments = m.attachments,
                participants = $3::jsonb
            FROM (
                SELECT count(*)::integer AS messages, min(created_at) AS first_at, max(created_at) AS last_at,
                    max(CASE WHEN attachment_ids <> '[]' THEN 1 ELSE 0 END) AS attachments
                FROM messages
                WHERE org_id = $1 AND thread_id = $2
            ) m
            WHERE t.org_id = $1 AND t.id = $2
            """,
            cancellation, orgId, threadId, PostgresJson.List(participants));
    }
}

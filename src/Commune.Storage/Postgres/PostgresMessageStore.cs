using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresMessageStore(PostgresDatabase database) : IMessageStore
{
    private const string Columns =
        """
        m.org_id, m.id, m.thread_id, m.inbox_id, m.inbox_address, m.domain_id, m.direction, m.created_at, m.subject, m.participants, m.content,
        m.content_html, m.attachment_ids, m.smtp_message_id, m.in_reply_to, m.refs,
        COALESCE((SELECT s.status FROM sent_states s WHERE s.org_id = m.org_id AND s.message_id = m.id), m.delivery_status),
        COALESCE((SELECT s.data FROM sent_states s WHERE s.org_id = m.org_id AND s.message_id = m.id), m.delivery_data), m.metadata,
        CASE WHEN m.html_in_raw THEN (SELECT r.inline FROM raw_messages r WHERE r.org_id = m.org_id AND r.id = m.raw_id) END,
        m.extracted_data, m.extraction
        """;

    public Task<MailMessage?> GetAsync(string orgId, string messageId, CancellationToken cancellation) =>
        database.FindAsync($"SELECT {Columns} FROM messages m WHERE m.org_id = $1 AND m.id = $2", Read, cancellation, orgId, messageId);

    public async Task<Page<MailMessage>> ListAsync(MessageQuery query, CancellationToken cancellation)
    {
        var filter = new PostgresFilter("m.org_id", query.OrgId);
        filter.AddIfGiven("m.thread_id =", query.ThreadId);
        filter.AddIfGiven("m.inbox_id =", query.InboxId);
        filter.AddIfGiven("m.domain_id =", query.DomainId);
        filter.AddIfGiven("m.sender =", query.Sender is null ? null : PostgresText.Key(query.Sender));
        filter.AddIfGiven("m.created_at <", query.Before);
        filter.AddIfGiven("m.created_at >", query.After);

        var descending = query.Order == SortOrder.Descending;
        if (query.Cursor is { } cursor)
            filter.Add($"(m.created_at, m.id) {(descending ? "<" : ">")} ({filter.Next(cursor.At)}, {filter.Next(cursor.Id)})");
        var direction = descending ? "DESC" : "ASC";
        var page = query.NewPage();
        await database.QueryWhileAsync(
            $"""
            SELECT {Columns}
            FROM messages m
            WHERE {filter}
            ORDER BY m.created_at {direction}, m.id {direction}
            LIMIT {filter.Next(query.Limit + 1L)}
            """,
            row => page.TryAdd(Read(row)), cancellation, filter.Values);
        return page.ToPage(MessageQuery.CursorOf);
    }

    public Task<RawMessage?> GetRawAsync(string orgId, string messageId, CancellationToken cancellation) =>
        database.FindAsync(
            """
            SELECT r.inline, r.sha256, r.size
            FROM messages m
            JOIN raw_messages r ON r.org_id = m.org_id AND r.id = m.raw_id
            WHERE m.org_id = $1 AND m.id = $2
            """,
            static row => ReadRaw(row, 0), cancellation, orgId, messageId);

    public Task<Attachment?> GetAttachmentAsync(string orgId, string attachmentId, CancellationToken cancellation) =>
        database.FindAsync(
            """
            SELECT org_id, id, message_id, part_path, blob_key, file_name, media_type, size, content_id, created_at
            FROM attachments
            WHERE org_id = $1 AND id = $2
            """,
            static row => new Attachment(
                row.GetString(0), row.GetString(1), row.TextOrNull(2), row.TextOrNull(3), row.TextOrNull(4), row.GetString(5), row.GetString(6),
                row.GetInt64(7), row.TextOrNull(8), row.GetInt64(9)),
            cancellation, orgId, attachmentId);

    public Task<bool> AddAttachmentAsync(Attachment attachment, long? quota, CancellationToken cancellation) =>
        database.TransactAsync(
            async session =>
            {
                // Uploads of one organisation are counted one after the other.
                if (quota is not null)
                    await session.ExecuteAsync("SELECT 1 FROM orgs WHERE id = $1 FOR NO KEY UPDATE", cancellation, attachment.OrgId);
                return await session.ExecuteAsync(
                    """
                    INSERT INTO attachments (org_id, id, message_id, part_path, blob_key, file_name, media_type, size, content_id, created_at)
                    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
                    WHERE $11::bigint IS NULL
                        OR $8 + (SELECT coalesce(sum(size), 0) FROM attachments WHERE org_id = $1 AND blob_key IS NOT NULL) <= $11
                    """,
                    cancellation, attachment.OrgId, attachment.Id, attachment.MessageId, attachment.PartPath, attachment.BlobKey, attachment.FileName,
                    attachment.MediaType, attachment.Size, attachment.ContentId, attachment.CreatedAt, quota) == 1;
            },
            cancellation);

    /// <summary>Reads <c>inline, sha256, size</c> from the column <paramref name="first"/> on.</summary>
    internal static RawMessage ReadRaw(NpgsqlDataReader row, int first) => new(
        row.IsDBNull(first) ? null : (ReadOnlyMemory<byte>?)row.GetFieldValue<byte[]>(first), row.GetFieldValue<byte[]>(first + 1), row.GetInt64(first + 2));

    private static MailMessage Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
        row.GetInt64(7), row.GetString(8), PostgresJson.ReadParticipants(row.GetString(9)), row.GetString(10),
        row.TextOrNull(11) ?? (row.IsDBNull(19) ? null : RawHtml.Read(row.GetFieldValue<byte[]>(19))),
        PostgresJson.ReadList(row.GetString(12)), row.TextOrNull(13), row.TextOrNull(14), PostgresJson.ReadList(row.GetString(15)),
        row.TextOrNull(16), row.TextOrNull(17), row.TextOrNull(18))
    {
        ExtractedData = row.TextOrNull(20),
        Extraction = row.TextOrNull(21),
    };
}

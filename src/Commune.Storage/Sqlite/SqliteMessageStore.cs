namespace Commune.Storage.Sqlite;

internal sealed class SqliteMessageStore(SqliteStore store) : IMessageStore
{
    private const string Columns =
        "org_id, id, thread_id, inbox_id, inbox_address, domain_id, direction, created_at, subject, participants, content, content_html, "
        + "attachment_ids, smtp_message_id, in_reply_to, refs, " + SentStateRow.Columns + ", metadata, "
        + "CASE WHEN html_in_raw THEN (SELECT inline FROM raw_messages r WHERE r.org_id = messages.org_id AND r.id = messages.raw_id) END, "
        + "extracted_data, extraction";

    // One text for each index that can lead; the other filters are tested on the rows that it gives.
    private const string Filters =
        "(?6 IS NULL OR inbox_id = ?6) AND (?7 IS NULL OR domain_id = ?7) AND (?8 IS NULL OR sender = ?8)";

    private const string Rising = "(created_at, id) > (?3, ?4) AND created_at < ?5 ORDER BY created_at, id LIMIT ?9";
    private const string Falling = "(created_at, id) < (?3, ?4) AND created_at > ?5 ORDER BY created_at DESC, id DESC LIMIT ?9";
    private const string Select = $"SELECT {Columns} FROM messages WHERE org_id = ?1 AND";

    public Task<MailMessage?> GetAsync(string orgId, string messageId, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query($"SELECT {Columns} FROM messages WHERE org_id = ?1 AND id = ?2", orgId, messageId);
            return row.Read() ? Map(row) : null;
        },
        cancellation);

    public Task<Page<MailMessage>> ListAsync(MessageQuery query, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            var page = query.NewPage();
            using (var row = Query(session, query))
            {
                while (row.Read() && page.TryAdd(Map(row)))
                {
                }
            }
            return page.ToPage(MessageQuery.CursorOf);
        },
        cancellation);

    public Task<RawMessage?> GetRawAsync(string orgId, string messageId, CancellationToken cancellation) =>
        store.ReadAsync(session => GetRaw(session, orgId, messageId), cancellation);

    public Task<Attachment?> GetAttachmentAsync(string orgId, string attachmentId, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query(
                """
                SELECT message_id, part_path, blob_key, file_name, media_type, size, content_id, created_at
                FROM attachments WHERE org_id = ?1 AND id = ?2
                """,
                orgId, attachmentId);
            return row.Read()
                ? new Attachment(
                    orgId, attachmentId, row.TextOrNull(0), row.TextOrNull(1), row.TextOrNull(2), row.Text(3), row.Text(4),
                    row.Number(5), row.TextOrNull(6), row.Number(7))
                : null;
        },
        cancellation);

    public Task<bool> AddAttachmentAsync(Attachment attachment, long? quota, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            if (quota is { } most && attachment.Size + (writes.Session.Number(
                "SELECT SUM(size) FROM attachments WHERE org_id = ?1 AND blob_key IS NOT NULL", attachment.OrgId) ?? 0) > most)
                return false;
            MessageRow.InsertAttachment(writes.Session, attachment);
            return true;
        },
        cancellation);

    internal static RawMessage? GetRaw(SqliteSession session, string orgId, string messageId)
    {
        using var row = session.Query(
            """
            SELECT r.inline, r.sha256, r.size FROM messages m
            JOIN raw_messages r ON r.org_id = m.org_id AND r.id = m.raw_id
            WHERE m.org_id = ?1 AND m.id = ?2
            """,
            orgId, messageId);
        if (!row.Read())
            return null;
        // A bare null would become an empty memory here, by way of byte[].
        var inline = row.IsNull(0) ? default(ReadOnlyMemory<byte>?) : row.Bytes(0);
        return new RawMessage(inline, row.Bytes(1), row.Number(2));
    }

    private static SqliteRows Query(SqliteSession session, MessageQuery query)
    {
        var rising = query.Order == SortOrder.Ascending;
        var (at, id, end) = rising ? Rise(query) : Fall(query);
        // The rarest of what is asked for leads.
        var (sql, lead) = query switch
        {
            { ThreadId: { } thread } => (rising ? $"{Select} thread_id = ?2 AND {Filters} AND {Rising}" : $"{Select} thread_id = ?2 AND {Filters} AND {Falling}", thread),
            { Sender: { } sender } => (rising ? $"{Select} sender = ?2 AND {Filters} AND {Rising}" : $"{Select} sender = ?2 AND {Filters} AND {Falling}", sender),
            { InboxId: { } inbox } => (rising ? $"{Select} inbox_id = ?2 AND {Filters} AND {Rising}" : $"{Select} inbox_id = ?2 AND {Filters} AND {Falling}", inbox),
            { DomainId: { } domain } => (rising ? $"{Select} domain_id = ?2 AND {Filters} AND {Rising}" : $"{Select} domain_id = ?2 AND {Filters} AND {Falling}", domain),
            _ => throw new ArgumentException("A thread, sender, inbox or domain must be given.", nameof(query)),
        };
        return session.Query(sql, query.OrgId, lead, at, id, end, query.InboxId, query.DomainId, query.Sender, query.Limit + 1L);
    }

    /// <summary>The place to go on behind, and the time to end before.</summary>
    private static (long At, string Id, long End) Rise(MessageQuery query)
    {
        // No id is empty, so this place lies before the first row of the millisecond after.
        (long At, string Id) start = query.After is { } after ? (Math.Min(after, long.MaxValue - 1) + 1, "") : (long.MinValue, "");
        if (query.Cursor is { } cursor && cursor.At >= start.At)
            start = (cursor.At, cursor.Id);
        return (start.At, start.Id, query.Before ?? long.MaxValue);
    }

    private static (long At, string Id, long End) Fall(MessageQuery query)
    {
        (long At, string Id) start = (query.Before ?? long.MaxValue, "");
        if (query.Cursor is { } cursor && cursor.At < start.At)
            start = (cursor.At, cursor.Id);
        return (start.At, start.Id, query.After ?? long.MinValue);
    }

    private static MailMessage Map(SqliteRows row) => new(
        row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5), row.Text(6), row.Number(7), row.Text(8),
        SqliteJson.ReadParticipants(row.Span(9)), row.Text(10), row.TextOrNull(11) ?? (row.IsNull(19) ? null : RawHtml.Read(row.Bytes(19))), SqliteJson.ReadTexts(row.Span(12)),
        row.TextOrNull(13), row.TextOrNull(14), SqliteJson.ReadTexts(row.Span(15)), row.TextOrNull(16), row.TextOrNull(17), row.TextOrNull(18))
    {
        ExtractedData = row.TextOrNull(20),
        Extraction = row.TextOrNull(21),
    };
}

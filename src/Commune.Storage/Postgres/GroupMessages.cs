namespace Commune.Storage.Postgres;

/// <summary>A row of <c>messages</c>.</summary>
internal sealed record MessageRow(
    string OrgId, string Id, string ThreadId, string InboxId, string InboxAddress, string DomainId, string RawId, string Direction, long CreatedAt,
    string Sender, string Subject, string Participants, string Content, string? ContentHtml, string AttachmentIds, string? SmtpMessageId,
    string? InReplyTo, string References, byte[]? RetryKey, string? DeliveryStatus, string? Metadata, string? DeliveryData = null, bool HtmlInRaw = false);

/// <summary>The messages, raw bytes and attachments that a group stores, and which mail its inboxes have already.</summary>
internal sealed class GroupMessages
{
    private const int LargestTogether = 256 << 10;
    private const int RawColumns = 5;

    /// <summary>
    /// Rows of raw bytes go as values of their own: an array of them is zeroed, filled and taken apart again before the first is stored, at a third of
    /// the price of storing them. So many in a statement, largest first, so that any number of them takes few statements, all of which stay prepared.
    /// </summary>
    private static readonly (int Rows, string Sql)[] InsertRaws = [.. new[] { 16, 8, 4, 2, 1 }.Select(static rows => (rows, InsertRawsSql(rows)))];

    private readonly Dictionary<(string OrgId, string InboxId, string RetryKey), (string Tie, byte[] RetryKey)> asked = [];
    private readonly Dictionary<(string, string, string), (string MessageId, string ThreadId)> stored = [];
    private readonly List<MessageRow> messages = [];
    private readonly List<(string OrgId, string Id, RawMessage Raw)> raws = [];
    private readonly List<Attachment> attachments = [];

    /// <param name="tie">The Message-ID in the form in which it is stored.</param>
    public void Ask(string orgId, string inboxId, string tie, byte[] retryKey) =>
        asked.TryAdd((orgId, inboxId, Convert.ToHexString(retryKey)), (tie, retryKey));

    /// <summary>The message of an earlier try of the same mail.</summary>
    public (string MessageId, string ThreadId)? FindRetried(string orgId, string inboxId, byte[] retryKey) =>
        stored.TryGetValue((orgId, inboxId, Convert.ToHexString(retryKey)), out var earlier) ? earlier : null;

    public void Add(MessageRow message)
    {
        messages.Add(message);
        if (message.RetryKey is { } key)
            stored.TryAdd((message.OrgId, message.InboxId, Convert.ToHexString(key)), (message.Id, message.ThreadId));
    }

    public void Add(string orgId, string id, RawMessage raw) => raws.Add((orgId, id, raw));

    public void Add(Attachment attachment) => attachments.Add(attachment);

    public void Read(PipelinedBatch reads)
    {
        if (asked.Count == 0)
            return;
        reads.Read(
            """
            SELECT m.org_id, m.inbox_id, m.retry_key, m.id, m.thread_id
            FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) AS k (org_id, inbox_id, tie, retry_key)
            JOIN thread_refs r ON r.org_id = k.org_id AND r.inbox_id = k.inbox_id AND r.message_id = k.tie
            JOIN messages m ON m.org_id = r.org_id AND m.id = r.received_id AND m.retry_key = k.retry_key
            """,
            row => stored.Add(
                (row.GetString(0), row.GetString(1), Convert.ToHexString(row.GetFieldValue<byte[]>(2))), (row.GetString(3), row.GetString(4))),
            asked.Keys.Select(static key => key.OrgId).ToArray(),
            asked.Keys.Select(static key => key.InboxId).ToArray(),
            asked.Values.Select(static value => value.Tie).ToArray(),
            asked.Values.Select(static value => value.RetryKey).ToArray());
    }

    public void Write(PipelinedBatch writes)
    {
        WriteRaws(writes);
        // Together they cost half of what they cost one by one; but a large one would be copied several times on its way into the table.
        WriteMessages(writes, [.. messages.Where(static message => message.Content.Length <= LargestTogether)]);
        foreach (var message in messages.Where(static message => message.Content.Length > LargestTogether))
            WriteMessages(writes, [message]);
        WriteAttachments(writes);
    }

    private static string InsertRawsSql(int rows) =>
        "INSERT INTO raw_messages (org_id, id, sha256, size, inline) VALUES "
        + string.Join(", ", Enumerable.Range(0, rows).Select(static row => row * RawColumns).Select(static at => $"(${at + 1}, ${at + 2}, ${at + 3}, ${at + 4}, ${at + 5}::bytea)"));

    private void WriteRaws(PipelinedBatch writes)
    {
        for (var from = 0; from < raws.Count;)
        {
            var (count, sql) = InsertRaws.First(insert => insert.Rows <= raws.Count - from);
            var values = new object?[count * RawColumns];
            for (var i = 0; i < count; i++)
            {
                var (orgId, id, raw) = raws[from + i];
                (values[i * RawColumns], values[(i * RawColumns) + 1]) = (orgId, id);
                (values[(i * RawColumns) + 2], values[(i * RawColumns) + 3], values[(i * RawColumns) + 4]) = (raw.Sha256, raw.Size, raw.Inline);
            }
            writes.Write(sql, values);
            from += count;
        }
    }

    private static void WriteMessages(PipelinedBatch writes, MessageRow[] rows)
    {
        if (rows.Length == 0)
            return;
        writes.Write(
            """
            INSERT INTO messages (
                org_id, id, thread_id, inbox_id, inbox_address, domain_id, raw_id, direction, created_at, sender, subject, participants,
                content, content_html, attachment_ids, smtp_message_id, in_reply_to, refs, retry_key, delivery_status, metadata, delivery_data,
                html_in_raw)
            SELECT
                unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),
                unnest($7::text[]), unnest($8::text[]), unnest($9::bigint[]), unnest($10::text[]), unnest($11::text[]), unnest($12::text[]),
                unnest($13::text[]), unnest($14::text[]), unnest($15::text[]), unnest($16::text[]), unnest($17::text[]), unnest($18::text[]),
                unnest($19::bytea[]), unnest($20::text[]), unnest($21::text[]), unnest($22::text[]), unnest($23::boolean[])
            """,
            Array.ConvertAll(rows, static row => row.OrgId),
            Array.ConvertAll(rows, static row => row.Id),
            Array.ConvertAll(rows, static row => row.ThreadId),
            Array.ConvertAll(rows, static row => row.InboxId),
            Array.ConvertAll(rows, static row => row.InboxAddress),
            Array.ConvertAll(rows, static row => row.DomainId),
            Array.ConvertAll(rows, static row => row.RawId),
            Array.ConvertAll(rows, static row => row.Direction),
            Array.ConvertAll(rows, static row => row.CreatedAt),
            Array.ConvertAll(rows, static row => PostgresText.Key(row.Sender)),
            Array.ConvertAll(rows, static row => row.Subject),
            Array.ConvertAll(rows, static row => row.Participants),
            Array.ConvertAll(rows, static row => row.Content),
            Array.ConvertAll(rows, static row => row.ContentHtml),
            Array.ConvertAll(rows, static row => row.AttachmentIds),
            Array.ConvertAll(rows, static row => row.SmtpMessageId),
            Array.ConvertAll(rows, static row => row.InReplyTo),
            Array.ConvertAll(rows, static row => row.References),
            Array.ConvertAll(rows, static row => row.RetryKey),
            Array.ConvertAll(rows, static row => row.DeliveryStatus),
            Array.ConvertAll(rows, static row => row.Metadata),
            Array.ConvertAll(rows, static row => row.DeliveryData),
            Array.ConvertAll(rows, static row => row.HtmlInRaw));
    }

    private void WriteAttachments(PipelinedBatch writes)
    {
        if (attachments.Count == 0)
            return;
        writes.Write(
            """
            INSERT INTO attachments AS a (
                org_id, id, message_id, part_path, blob_key, file_name, media_type, size, content_id, created_at)
            SELECT *
            FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::bigint[])
            ON CONFLICT (org_id, id) DO UPDATE SET message_id = excluded.message_id
            WHERE a.message_id IS NULL
            """,
            attachments.Select(static attachment => attachment.OrgId).ToArray(),
            attachments.Select(static attachment => attachment.Id).ToArray(),
            attachments.Select(static attachment => attachment.MessageId).ToArray(),
            attachments.Select(static attachment => attachment.PartPath).ToArray(),
            attachments.Select(static attachment => attachment.BlobKey).ToArray(),
            attachments.Select(static attachment => attachment.FileName).ToArray(),
            attachments.Select(static attachment => attachment.MediaType).ToArray(),
            attachments.Select(static attachment => attachment.Size).ToArray(),
            attachments.Select(static attachment => attachment.ContentId).ToArray(),
            attachments.Select(static attachment => attachment.CreatedAt).ToArray());
    }
}

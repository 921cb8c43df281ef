namespace Commune.Storage.Sqlite;

/// <summary>A row of <c>messages</c> as it is written, its lists as JSON already: the writer's thread should not make them.</summary>
internal readonly record struct MessageRow
{
    public required string OrgId { get; init; }
    public required string Id { get; init; }
    public required string ThreadId { get; init; }
    public required string InboxId { get; init; }
    public required string InboxAddress { get; init; }
    public required string DomainId { get; init; }

    /// <summary>The row of <c>raw_messages</c>: several inboxes of an organisation share one.</summary>
    public required string RawId { get; init; }
    public required string Direction { get; init; }
    public required long CreatedAt { get; init; }
    public required string Sender { get; init; }
    public required string Subject { get; init; }
    public required string Participants { get; init; }
    public required string Content { get; init; }
    public required string? ContentHtml { get; init; }
    public bool HtmlInRaw { get; init; }
    public required string AttachmentIds { get; init; }
    public required string? SmtpMessageId { get; init; }
    public required string? InReplyTo { get; init; }
    public required string References { get; init; }
    public byte[]? RetryKey { get; init; }
    public string? Metadata { get; init; }

    public void Insert(SqliteSession session) => session.Execute(
        """
        INSERT INTO messages (
          org_id, id, thread_id, inbox_id, inbox_address, domain_id, raw_id, direction, created_at, sender, subject, participants,
          content, content_html, attachment_ids, smtp_message_id, in_reply_to, refs, retry_key, metadata, html_in_raw)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
        """,
        OrgId, Id, ThreadId, InboxId, InboxAddress, DomainId, RawId, Direction, CreatedAt, Sender, Subject, Participants,
        Content, ContentHtml, AttachmentIds, SmtpMessageId, InReplyTo, References, RetryKey, Metadata, HtmlInRaw);

    public static void InsertRaw(SqliteSession session, string orgId, string id, RawMessage raw) => session.Execute(
        "INSERT INTO raw_messages (org_id, id, sha256, size, inline) VALUES (?1, ?2, ?3, ?4, ?5)",
        orgId, id, raw.Sha256, raw.Size, raw.Inline);

    public static void InsertAttachment(SqliteSession session, Attachment attachment) => session.Execute(
        """
        INSERT INTO attachments (org_id, id, message_id, part_path, blob_key, file_name, media_type, size, content_id, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT DO NOTHING
        """,
        attachment.OrgId, attachment.Id, attachment.MessageId, attachment.PartPath, attachment.BlobKey,
        attachment.FileName, attachment.MediaType, attachment.Size, attachment.ContentId, attachment.CreatedAt);
}

namespace Commune.Storage.Sqlite;

internal sealed class SqliteThreadStore(SqliteStore store) : IThreadStore
{
    internal const string Columns =
        "org_id, id, inbox_id, domain_id, subject, reply_token, message_count, first_message_at, last_message_at, snippet, last_direction, "
        + "has_attachments, participants, tags, status, assigned_to, triage_updated_at";

    public Task<MailThread?> GetAsync(string orgId, string threadId, CancellationToken cancellation) =>
        store.ReadAsync(session => Get(session, orgId, threadId), cancellation);

    public Task<Page<MailThread>> ListAsync(ThreadQuery query, CancellationToken cancellation) =>
        store.ReadSnapshotAsync(session => ThreadList.Read(session, query), cancellation);

    public Task<Triage?> ChangeTriageAsync(string orgId, string threadId, TriageChange change, long at, CancellationToken cancellation) =>
        store.WriteAsync(
            writes =>
            {
                if (Get(writes.Session, orgId, threadId) is not { } thread)
                    return null;
                var before = thread.Triage;
                var tags = ChangeTags(before.Tags, change);
                var after = before with
                {
                    Tags = tags,
                    Status = change.Status ?? before.Status,
                    AssignedTo = change.Assign ? change.AssignedTo : before.AssignedTo,
                };
                if (after.Status == before.Status && after.AssignedTo == before.AssignedTo && tags.SequenceEqual(before.Tags, StringComparer.Ordinal))
                    return before;

                after = after with { UpdatedAt = at };
                writes.Session.Execute(
                    "UPDATE threads SET status = ?3, assigned_to = ?4, tags = ?5, triage_updated_at = ?6 WHERE org_id = ?1 AND id = ?2",
                    orgId, threadId, after.Status, after.AssignedTo, SqliteJson.Write(after.Tags), at);
                writes.AppendEvent(orgId, "thread.updated", thread.InboxId, threadId, messageId: null, EventData.OfTriage(before, after));
                return after;
            },
            cancellation);

    public Task<ReplyContext> GetReplyContextAsync(string orgId, string threadId, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query(
                """
                SELECT smtp_message_id, in_reply_to, refs FROM messages
                WHERE org_id = ?1 AND thread_id = ?2 AND smtp_message_id IS NOT NULL
                ORDER BY created_at DESC, id DESC LIMIT 1
                """,
                orgId, threadId);
            if (!row.Read())
                return new ReplyContext(null, []);
            var references = SqliteJson.ReadTexts(row.Span(2));
            // RFC 5322 §3.6.4: a parent without References passes on its In-Reply-To instead.
            if (references.Count == 0 && row.TextOrNull(1) is { } parent)
                references = [parent];
            return new ReplyContext(row.Text(0), references);
        },
        cancellation);

    internal static MailThread Map(SqliteRows row) => new(
        row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.TextOrNull(4), row.Text(5), (int)row.Number(6), row.Number(7), row.Number(8),
        row.Text(9), row.Text(10), row.Flag(11), SqliteJson.ReadTexts(row.Span(12)),
        new Triage(row.Text(1), SqliteJson.ReadTexts(row.Span(13)), row.Text(14), row.TextOrNull(15), row.Number(16)));

    private static MailThread? Get(SqliteSession session, string orgId, string threadId)
    {
        using var row = session.Query($"SELECT {Columns} FROM threads WHERE org_id = ?1 AND id = ?2", orgId, threadId);
        return row.Read() ? Map(row) : null;
    }

    private static List<string> ChangeTags(IReadOnlyList<string> present, TriageChange change)
    {
        var tags = new List<string>(change.ReplaceTags ?? present);
        tags.AddRange(change.AddTags ?? []);
        if (change.RemoveTags is { } gone)
            tags.RemoveAll(tag => gone.Contains(tag, StringComparer.Ordinal));
        return [.. tags.Distinct(StringComparer.Ordinal)];
    }
}

using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresThreadStore(PostgresDatabase database, TimeProvider time) : IThreadStore
{
    internal const string Columns =
        """
        t.org_id, t.id, t.inbox_id, t.domain_id, t.subject, t.reply_token, t.message_count, t.first_message_at, t.last_message_at, t.snippet,
        t.last_direction, t.has_attachments, t.participants::text, t.tags, t.status, t.assigned_to, t.triage_updated_at
        """;

    public Task<MailThread?> GetAsync(string orgId, string threadId, CancellationToken cancellation) =>
        database.FindAsync($"SELECT {Columns} FROM threads t WHERE t.org_id = $1 AND t.id = $2", Read, cancellation, orgId, threadId);

    /// <summary>
    /// The list as it stood at the snapshot: threads without mail since are a range of the index; those with mail since are few, and each
    /// takes the place of its newest message of then. The clock of the organisation is the newest time that is visible, and all that
    /// is committed later is later (see <see cref="OrgHead"/>), so it makes the snapshot of the first page.
    /// </summary>
    public async Task<Page<MailThread>> ListAsync(ThreadQuery query, CancellationToken cancellation)
    {
        var descending = query.Order == SortOrder.Descending;
        var (comparison, direction) = descending ? ("<", "DESC") : (">", "ASC");
        var filter = new PostgresFilter("t.org_id", query.OrgId);
        filter.AddIfGiven("t.inbox_id =", query.InboxId);
        filter.AddIfGiven("t.domain_id =", query.DomainId);
        filter.AddIfGiven("t.status =", query.Status);
        filter.AddIfGiven("t.assigned_to =", query.AssignedTo);
        if (query.Tag is { } tag)
            filter.Add($"{filter.Next(tag)} = ANY (t.tags)");

        var snapshot = query.Cursor is { } cursor
            ? $"{filter.Next(cursor.Snapshot)}::bigint"
            : "COALESCE((SELECT clock FROM org_heads WHERE org_id = $1), 0)";
        var start = query.Cursor ?? new PageCursor(0, descending ? long.MaxValue : long.MinValue, "");
        var place = $"({filter.Next(start.At)}, {filter.Next(start.Id)})";
        var limit = filter.Next(query.Limit + 1L);

        // What began after the snapshot: later than everything when ascending, not there when descending.
        var began = descending ? "AND t.first_message_at <= s.at" : "";
        var rows = await database.QueryAsync(
            $"""
            WITH s AS MATERIALIZED (SELECT {snapshot} AS at)
            SELECT p.at, s.at, {Columns}
            FROM s
            CROSS JOIN LATERAL (
                (
                    SELECT t.org_id, t.id, t.last_message_at AS at
                    FROM threads t
                    WHERE {filter} AND t.last_message_at <= s.at AND (t.last_message_at, t.id) {comparison} {place}
                    ORDER BY t.last_message_at {direction}, t.id {direction}
                    LIMIT {limit}
                )
                UNION ALL
                SELECT n.org_id, n.id, n.at
                FROM (
                    SELECT t.org_id, t.id, CASE
                        WHEN t.first_message_at > s.at THEN t.first_message_at
                        ELSE COALESCE((
                            SELECT m.created_at
                            FROM messages m
                            WHERE m.org_id = t.org_id AND m.thread_id = t.id AND m.created_at <= s.at
                            ORDER BY m.created_at DESC
                            LIMIT 1), t.first_message_at)
                        END AS at
                    FROM threads t
                    WHERE {filter} AND t.last_message_at > s.at {began}
                ) n
                WHERE (n.at, n.id) {comparison} {place}
                ORDER BY at {direction}, id {direction}
                LIMIT {limit}
            ) p
            JOIN threads t ON t.org_id = p.org_id AND t.id = p.id
            ORDER BY p.at {direction}, p.id {direction}
            """,
            static row => (At: row.GetInt64(0), Snapshot: row.GetInt64(1), Thread: Read(row, 2)),
            cancellation, filter.Values);
        return Page<(long At, long Snapshot, MailThread Thread)>
            .From(rows, query.Limit, static row => new PageCursor(row.Snapshot, row.At, row.Thread.Id))
            .Select(static row => row.Thread);
    }

    public Task<Triage?> ChangeTriageAsync(string orgId, string threadId, TriageChange change, long at, CancellationToken cancellation) =>
        database.TransactAsync(
            async session =>
            {
                var clock = Math.Max(at, time.GetUtcNow().ToUnixTimeMilliseconds());
                var head = await session.LockOrganisationAsync(orgId, clock, cancellation);
                var thread = await session.FindAsync(
                    $"SELECT {Columns} FROM threads t WHERE t.org_id = $1 AND t.id = $2 FOR UPDATE", Read, cancellation, orgId, threadId);
                if (head is null || thread is null)
                    return null;

                var present = thread.Triage;
                var next = Apply(present, change) with { UpdatedAt = at };
                if (next.Status == present.Status && next.AssignedTo == present.AssignedTo && next.Tags.SequenceEqual(present.Tags, StringComparer.Ordinal))
                    return present;
                await session.ExecuteAsync(
                    "UPDATE threads SET tags = $3, status = $4, assigned_to = $5, triage_updated_at = $6 WHERE org_id = $1 AND id = $2",
                    cancellation, orgId, threadId, next.Tags.ToArray(), next.Status, next.AssignedTo, at);
                await session.AppendAsync(head, head.Append("thread.updated", thread.InboxId, threadId, messageId: null, EventData.OfTriage(present, next)), cancellation);
                return next;
            },
            cancellation);

    public async Task<ReplyContext> GetReplyContextAsync(string orgId, string threadId, CancellationToken cancellation) =>
        await database.FindAsync(
            """
            SELECT smtp_message_id, refs, in_reply_to
            FROM messages
            WHERE org_id = $1 AND thread_id = $2 AND smtp_message_id IS NOT NULL
            ORDER BY created_at DESC, id DESC
            LIMIT 1
            """,
            static row =>
            {
                // RFC 5322 §3.6.4: without References, the parent's In-Reply-To is the chain before it.
                var references = PostgresJson.ReadList(row.GetString(1));
                return new ReplyContext(row.GetString(0), references.Length == 0 && row.TextOrNull(2) is { } parent ? [parent] : references);
            },
            cancellation, orgId, threadId)
        ?? new ReplyContext(null, []);

    private static Triage Apply(Triage present, TriageChange change)
    {
        IEnumerable<string> tags = change.ReplaceTags ?? present.Tags;
        if (change.AddTags is { } added)
            tags = tags.Concat(added);
        if (change.RemoveTags is { } removed)
            tags = tags.Except(removed, StringComparer.Ordinal);
        return present with
        {
            Tags = [.. tags.Select(PostgresText.Storable).Distinct(StringComparer.Ordinal)],
            Status = change.Status ?? present.Status,
            AssignedTo = change.Assign ? change.AssignedTo : present.AssignedTo,
        };
    }

    private static MailThread Read(NpgsqlDataReader row) => Read(row, 0);

    internal static MailThread Read(NpgsqlDataReader row, int first) => new(
        row.GetString(first), row.GetString(first + 1), row.GetString(first + 2), row.GetString(first + 3), row.TextOrNull(first + 4),
        row.GetString(first + 5), row.GetInt32(first + 6), row.GetInt64(first + 7), row.GetInt64(first + 8), row.GetString(first + 9),
        row.GetString(first + 10), row.GetInt32(first + 11) != 0, PostgresJson.ReadList(row.GetString(first + 12)),
        new Triage(
            row.GetString(first + 1), row.GetFieldValue<string[]>(first + 13), row.GetString(first + 14), row.TextOrNull(first + 15),
            row.GetInt64(first + 16)));
}

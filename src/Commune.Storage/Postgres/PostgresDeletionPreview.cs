namespace Commune.Storage.Postgres;

/// <summary>Counts what a deletion would take.</summary>
internal static class PostgresDeletionPreview
{
    /// <summary>A thread goes when none of its messages is left.</summary>
    private const string Threads =
        """
        SELECT count(*)
        FROM threads t
        WHERE t.org_id = $1 AND ($2::text IS NULL OR t.inbox_id = $2) AND NOT EXISTS (
            SELECT 1 FROM messages m WHERE m.org_id = t.org_id AND m.thread_id = t.id AND m.created_at >= $3)
        """;

    private const string Triaged = Threads + " AND (t.status <> 'open' OR t.assigned_to IS NOT NULL OR t.tags <> '{}')";

    private static readonly IReadOnlyDictionary<string, string> ByMessage = DeletedTables.All.Where(static table => table.Message is not null).ToDictionary(
        static table => table.Name,
        static table =>
            $"""
            SELECT count(*)
            FROM messages m
            JOIN {table.Name} x ON x.org_id = m.org_id AND x.{table.Message} = m.id
            WHERE m.org_id = $1 AND ($2::text IS NULL OR m.inbox_id = $2) AND m.created_at < $3
            """,
        StringComparer.Ordinal);

    public static async Task<DeletionCounts> CountAsync(PostgresSession session, DeletionTarget target, long cutoff, CancellationToken cancellation)
    {
        var counts = new DeletionCounts();
        foreach (var sql in PostgresDeletionRun.Tables)
        {
            if (sql.Table.CountedAs is { } name)
                counts.Add(name, await CountTableAsync(session, sql, target, cutoff, cancellation));
        }
        counts.Add("thread_metadata", await NumberAsync(session, Triaged, cancellation, target.OrgId, target.InboxId, cutoff));
        return counts;
    }

    private static async Task<long> CountTableAsync(
        PostgresSession session, DeletionSql sql, DeletionTarget target, long cutoff, CancellationToken cancellation)
    {
        if (target.Scope == DeletionScope.Organization)
            return await NumberAsync(session, sql.CountOrganization, cancellation, target.OrgId);
        if (sql.Table.Name == "threads")
            return await NumberAsync(session, Threads, cancellation, target.OrgId, target.InboxId, cutoff);
        if (target.Scope == DeletionScope.Inbox && sql.CountInbox is { } byInbox)
            return await NumberAsync(session, byInbox, cancellation, target.OrgId, 0L, target.InboxId);
        if (sql.Table.Name == "messages")
        {
            return await NumberAsync(
                session, "SELECT count(*) FROM messages WHERE org_id = $1 AND ($2::text IS NULL OR inbox_id = $2) AND created_at < $3", cancellation,
                target.OrgId, target.InboxId, cutoff);
        }
        return ByMessage.TryGetValue(sql.Table.Name, out var byMessage)
            ? await NumberAsync(session, byMessage, cancellation, target.OrgId, target.InboxId, cutoff) : 0;
    }

    private static async Task<long> NumberAsync(PostgresSession session, string sql, CancellationToken cancellation, params object?[] values) =>
        (await session.QueryAsync(sql, static row => row.GetInt64(0), cancellation, values))[0];
}

namespace Commune.Storage.Sqlite;

/// <summary>Counts what a deletion would take.</summary>
internal static class SqliteDeletionPreview
{
    /// <summary>A thread goes when none of its messages is left.</summary>
    private const string Threads =
        """
        SELECT count(*) FROM threads t
        WHERE t.org_id = ?1 AND (?2 IS NULL OR t.inbox_id = ?2) AND NOT EXISTS
          (SELECT 1 FROM messages m WHERE m.org_id = t.org_id AND m.thread_id = t.id AND m.created_at >= ?3)
        """;

    private const string Triaged = Threads + " AND (t.status <> 'open' OR t.assigned_to IS NOT NULL OR t.tags <> '[]')";

    private static readonly IReadOnlyDictionary<string, string> ByMessage = DeletedTables.All.Where(static table => table.Message is not null).ToDictionary(
        static table => table.Name,
        static table =>
            $"""
            SELECT count(*) FROM messages m
            JOIN {table.Name} x ON x.org_id = m.org_id AND x.{table.Message} = m.id
            WHERE m.org_id = ?1 AND (?2 IS NULL OR m.inbox_id = ?2) AND m.created_at < ?3
            """,
        StringComparer.Ordinal);

    public static DeletionCounts Count(SqliteSession session, DeletionTarget target, long cutoff)
    {
        var counts = new DeletionCounts();
        foreach (var sql in SqliteDeletionRun.Tables)
        {
            if (sql.Table.CountedAs is { } name)
                counts.Add(name, CountTable(session, sql, target, cutoff));
        }
        counts.Add("thread_metadata", session.Number(Triaged, target.OrgId, target.InboxId, cutoff)!.Value);
        return counts;
    }

    private static long CountTable(SqliteSession session, DeletionSql sql, DeletionTarget target, long cutoff)
    {
        if (target.Scope == DeletionScope.Organization)
            return session.Number(sql.CountOrganization, target.OrgId)!.Value;
        if (sql.Table.Name == "threads")
            return session.Number(Threads, target.OrgId, target.InboxId, cutoff)!.Value;
        if (target.Scope == DeletionScope.Inbox && sql.CountInbox is { } byInbox)
            return session.Number(byInbox, target.OrgId, 0, target.InboxId)!.Value;
        if (sql.Table.Name == "messages")
        {
            return session.Number(
                "SELECT count(*) FROM messages WHERE org_id = ?1 AND (?2 IS NULL OR inbox_id = ?2) AND created_at < ?3",
                target.OrgId, target.InboxId, cutoff)!.Value;
        }
        return ByMessage.TryGetValue(sql.Table.Name, out var byMessage)
            ? session.Number(byMessage, target.OrgId, target.InboxId, cutoff)!.Value : 0;
    }
}

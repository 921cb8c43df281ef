namespace Commune.Storage.Sqlite;

/// <summary>
/// Pages of threads as they stood when the paging began: at T0, the newest time that the first page could see.
/// </summary>
/// <remarks>
/// The place of a thread is its last message's time, when that is not after T0. One that got mail later stands where its newest message
/// up to T0 put it. One that began later has no place in descending pages, and that of its first message in ascending ones.
/// So a page is the merge of two ranges of one index: threads that stand still (up to T0), and those that moved (after T0, which are few).
/// </remarks>
internal static class ThreadList
{
    private const string Filters =
        """
        (?6 IS NULL OR domain_id = ?6) AND (?7 IS NULL OR status = ?7) AND (?8 IS NULL OR assigned_to = ?8)
          AND (?9 IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?9))
        """;

    // ?1 organisation, ?2 inbox or domain, ?3 and ?4 the place to go on behind, ?5 T0, ?10 limit.
    private const string StillFalling =
        $"""
        org_id = ?1 AND (last_message_at, id) < (?3, ?4) AND {Filters}
        ORDER BY last_message_at DESC, id DESC LIMIT ?10
        """;

    private const string StillRising =
        $"""
        org_id = ?1 AND (last_message_at, id) > (?3, ?4) AND last_message_at <= ?5 AND {Filters}
        ORDER BY last_message_at, id LIMIT ?10
        """;

    private const string PlaceAtSnapshot =
        """
        CASE WHEN t.first_message_at > ?5 THEN t.first_message_at ELSE
          (SELECT m.created_at FROM messages m
           WHERE m.org_id = t.org_id AND m.thread_id = t.id AND m.created_at <= ?5
           ORDER BY m.created_at DESC LIMIT 1) END
        """;

    private const string MovedFalling =
        $"""
        org_id = ?1 AND last_message_at > ?5 AND first_message_at <= ?5 AND {Filters})
        WHERE (place, id) < (?3, ?4) ORDER BY place DESC, id DESC LIMIT ?10
        """;

    // A thread whose place is not before the cursor's got its last message no earlier either.
    private const string MovedRising =
        $"""
        org_id = ?1 AND last_message_at > ?5 AND last_message_at >= ?3 AND {Filters})
        WHERE (place, id) > (?3, ?4) ORDER BY place, id LIMIT ?10
        """;

    private const string Columns = SqliteThreadStore.Columns;
    private const string Still = $"SELECT {Columns}, last_message_at FROM threads WHERE";
    private const string Moved = $"SELECT {Columns}, place FROM (SELECT {Columns}, {PlaceAtSnapshot} AS place FROM threads t WHERE";

    /// <summary>Must run inside one snapshot of the database.</summary>
    public static Page<MailThread> Read(SqliteSession session, ThreadQuery query)
    {
        var byInbox = query.InboxId is not null;
        var lead = query.InboxId ?? query.DomainId ?? throw new ArgumentException("An inbox or a domain must be given.", nameof(query));
        var rising = query.Order == SortOrder.Ascending;

        var snapshot = query.Cursor?.Snapshot ?? Newest(session, query.OrgId, lead, byInbox);
        if (snapshot is not { } moment)
            return new Page<MailThread>([], null);
        var (at, id) = query.Cursor is { } cursor ? (cursor.At, cursor.Id) : rising ? (long.MinValue, "") : (long.MaxValue, "");

        // The first page sees nothing that is newer than itself.
        List<Placed> moved = query.Cursor is null ? [] : Select(
            session, query, lead, at, id, moment,
            (byInbox, rising) switch
            {
                (true, true) => $"{Moved} inbox_id = ?2 AND {MovedRising}",
                (true, false) => $"{Moved} inbox_id = ?2 AND {MovedFalling}",
                (false, true) => $"{Moved} domain_id = ?2 AND {MovedRising}",
                (false, false) => $"{Moved} domain_id = ?2 AND {MovedFalling}",
            });
        var still = Select(
            session, query, lead, at, id, moment,
            (byInbox, rising) switch
            {
                (true, true) => $"{Still} inbox_id = ?2 AND {StillRising}",
                (true, false) => $"{Still} inbox_id = ?2 AND {StillFalling}",
                (false, true) => $"{Still} domain_id = ?2 AND {StillRising}",
                (false, false) => $"{Still} domain_id = ?2 AND {StillFalling}",
            });

        if (moved.Count > 0)
        {
            still.AddRange(moved);
            still.Sort((left, right) => rising ? Compare(left, right) : Compare(right, left));
            if (still.Count > query.Limit + 1)
                still.RemoveRange(query.Limit + 1, still.Count - query.Limit - 1);
        }
        return Page<Placed>.From(still, query.Limit, last => new PageCursor(moment, last.Place, last.Thread.Id))
            .Select(static placed => placed.Thread);
    }

    private static long? Newest(SqliteSession session, string orgId, string lead, bool byInbox) => byInbox
        ? session.Number("SELECT max(last_message_at) FROM threads WHERE org_id = ?1 AND inbox_id = ?2", orgId, lead)
        : session.Number("SELECT max(last_message_at) FROM threads WHERE org_id = ?1 AND domain_id = ?2", orgId, lead);

    private static List<Placed> Select(
        SqliteSession session, ThreadQuery query, string lead, long at, string id, long moment, string sql)
    {
        const int PlaceColumn = 17;
        var threads = new List<Placed>();
        using var row = session.Query(
            sql, query.OrgId, lead, at, id, moment, query.DomainId, query.Status, query.AssignedTo, query.Tag, query.Limit + 1L);
        while (row.Read())
            threads.Add(new Placed(SqliteThreadStore.Map(row), row.Number(PlaceColumn)));
        return threads;
    }

    private static int Compare(Placed left, Placed right) => left.Place != right.Place
        ? left.Place.CompareTo(right.Place)
        : string.CompareOrdinal(left.Thread.Id, right.Thread.Id);

    private readonly record struct Placed(MailThread Thread, long Place);
}

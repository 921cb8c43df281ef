namespace Commune.Storage.Sqlite;

/// <summary>
/// A deletion under way: where it stands, and its next batch. Phase 0 takes the messages inbox by inbox, the following ones what the event
/// log and the index of Message-IDs still say of them, and then table by table what belongs to the inbox or organisation itself.
/// </summary>
internal sealed class SqliteDeletionRun
{
    private const int AtOnce = 1000;
    private const int EventsPhase = 1;
    private const int RefsPhase = 2;
    private const int FirstTablePhase = 3;

    private readonly DeletionTarget target;
    private readonly long cutoff;

    private SqliteDeletionRun(DeletionTarget target, long cutoff, string status, DeletionCounts deleted, int phase, string place)
    {
        this.target = target;
        this.cutoff = cutoff;
        (Status, Deleted, Phase, Place) = (status, deleted, phase, place);
    }

    public static IReadOnlyList<DeletionSql> Tables { get; } = DeletionSql.For(new(static i => $"?{i}", static bytes => $"lower(hex({bytes}))"));

    public string Status { get; }
    public DeletionCounts Deleted { get; }
    public int Phase { get; private set; }

    /// <summary>How far the phase has come.</summary>
    public string Place { get; private set; }

    public static SqliteDeletionRun? Load(SqliteSession session, string orgId, string id)
    {
        using var row = session.Query(
            "SELECT scope, inbox_id, before, cutoff, status, deleted, phase, place FROM deletion_requests WHERE org_id = ?1 AND id = ?2", orgId, id);
        return row.Read()
            ? new SqliteDeletionRun(
                new DeletionTarget(orgId, row.Text(0), row.TextOrNull(1), row.NumberOrNull(2)), row.Number(3), row.Text(4),
                DeletionCounts.Parse(row.TextOrNull(5)), (int)row.Number(6), row.Text(7))
            : null;
    }

    /// <summary>Shuts what lets mail and requests in, in the transaction of the confirmation.</summary>
    public void Close(SqliteWrites writes)
    {
        var session = writes.Session;
        foreach (var sql in Tables.Where(static sql => sql.Table.AtOnce))
        {
            if (target.Scope == DeletionScope.Organization)
                Deleted.Add(sql.Table.CountedAs, session.Execute(sql.DeleteOrganization, target.OrgId));
            else if (target.Scope == DeletionScope.Inbox && sql.DeleteInbox is { } byInbox)
                Deleted.Add(sql.Table.CountedAs, session.Execute(byInbox, target.OrgId, 0, target.InboxId));
        }
        if (target.Scope == DeletionScope.Messages)
            return;
        if (target.Scope == DeletionScope.Organization)
            writes.EndpointsChanged(target.OrgId);
        session.Execute(
            "UPDATE inboxes SET deleted_at = ?3 WHERE org_id = ?1 AND (?2 IS NULL OR id = ?2) AND deleted_at IS NULL",
            target.OrgId, target.InboxId, writes.Now);
        session.Execute(
            "UPDATE deletion_requests SET status = 'expired' WHERE org_id = ?1 AND (?2 IS NULL OR inbox_id = ?2) AND status = 'pending'",
            target.OrgId, target.InboxId);
    }

    /// <summary>One batch; true when that was the last.</summary>
    public bool Step(SqliteWrites writes)
    {
        var session = writes.Session;
        var more = Phase switch
        {
            0 => BatchMessages(writes),
            EventsPhase => SweepEvents(session),
            RefsPhase => SweepRefs(session),
            _ => BatchTable(session, Tables[Phase - FirstTablePhase]),
        };
        if (more)
            return false;
        (Phase, Place) = (Phase + 1, "");
        var last = target.Scope == DeletionScope.Messages ? FirstTablePhase : FirstTablePhase + Tables.Count;
        return Phase >= last;
    }

    private bool BatchMessages(SqliteWrites writes)
    {
        if (SqliteMessageDeletion.Batch(writes, target, cutoff, Place, Deleted) is not { } inboxId)
            return false;
        Place = inboxId;
        return true;
    }

    private bool BatchTable(SqliteSession session, DeletionSql sql)
    {
        int gone;
        if (target.Scope == DeletionScope.Organization)
        {
            if (sql.GarbageOrganization is { } garbage)
                session.Execute(garbage, target.OrgId, AtOnce);
            if (sql.HashedOrganization is { } hashed)
                SuppressionHashRow.Keep(session, hashed, target.OrgId, AtOnce, null);
            gone = session.Execute(sql.BatchOrganization, target.OrgId, AtOnce);
        }
        else
        {
            if (sql.HashedInbox is { } hashed)
                SuppressionHashRow.Keep(session, hashed, target.OrgId, AtOnce, target.InboxId);
            gone = sql.BatchInbox is { } batch ? session.Execute(batch, target.OrgId, AtOnce, target.InboxId) : 0;
        }
        Deleted.Add(sql.Table.CountedAs, gone);
        return gone == AtOnce;
    }

    /// <summary>The log tells nothing more of messages and threads that are gone, nor of an inbox that goes.</summary>
    private bool SweepEvents(SqliteSession session)
    {
        if (target.Scope == DeletionScope.Organization)
            return false;
        var from = Place.Length == 0 ? 0 : long.Parse(Place);
        var to = session.Number("SELECT seq FROM events WHERE org_id = ?1 AND seq > ?2 ORDER BY seq LIMIT 1 OFFSET ?3", target.OrgId, from, AtOnce - 1);
        session.Execute(
            """
            DELETE FROM events
            WHERE org_id = ?1 AND seq > ?2 AND seq <= ?3 AND (
              (?4 = 'inbox' AND inbox_id = ?5)
              OR (message_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.org_id = events.org_id AND m.id = events.message_id))
              OR (thread_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM threads t WHERE t.org_id = events.org_id AND t.id = events.thread_id)))
            """,
            target.OrgId, from, to ?? long.MaxValue, target.Scope, target.InboxId);
        Place = (to ?? 0).ToString();
        return to is not null;
    }

    /// <summary>Message-IDs that led to a thread that is gone.</summary>
    private bool SweepRefs(SqliteSession session)
    {
        if (target.Scope != DeletionScope.Messages)
            return false;
        var from = Place.Split('\n', 2) is [var inbox, var message] ? (inbox, message) : ("", "");
        string? toInbox = null, toMessage = null;
        using (var row = session.Query(
            """
            SELECT inbox_id, message_id FROM thread_refs WHERE org_id = ?1 AND (inbox_id, message_id) > (?2, ?3)
            ORDER BY inbox_id, message_id LIMIT 1 OFFSET ?4
            """,
            target.OrgId, from.Item1, from.Item2, AtOnce - 1))
        {
            if (row.Read())
                (toInbox, toMessage) = (row.Text(0), row.Text(1));
        }
        session.Execute(
            """
            DELETE FROM thread_refs
            WHERE org_id = ?1 AND (inbox_id, message_id) > (?2, ?3) AND (inbox_id, message_id) <= (?4, ?5)
              AND NOT EXISTS (SELECT 1 FROM threads t WHERE t.org_id = thread_refs.org_id AND t.id = thread_refs.thread_id)
            """,
            target.OrgId, from.Item1, from.Item2, toInbox ?? "~", toMessage ?? "~");
        Place = toInbox is null ? "" : $"{toInbox}\n{toMessage}";
        return toInbox is not null;
    }
}

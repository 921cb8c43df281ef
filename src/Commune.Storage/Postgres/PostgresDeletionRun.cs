using System.Globalization;

namespace Commune.Storage.Postgres;

/// <summary>
/// A deletion under way: where it stands, and its next batch. Phase 0 takes the messages inbox by inbox, the following ones what the event
/// log and the index of Message-IDs still say of them, and then table by table what belongs to the inbox or organisation itself.
/// </summary>
internal sealed class PostgresDeletionRun
{
    private const long AtOnce = 1000;
    private const int EventsPhase = 1;
    private const int RefsPhase = 2;
    private const int FirstTablePhase = 3;

    private readonly PostgresSession session;
    private readonly DeletionTarget target;
    private readonly long cutoff;

    private PostgresDeletionRun(PostgresSession session, DeletionTarget target, long cutoff, string status, DeletionCounts deleted, int phase, string place)
    {
        this.session = session;
        this.target = target;
        this.cutoff = cutoff;
        (Status, Deleted, Phase, Place) = (status, deleted, phase, place);
    }

    public static IReadOnlyList<DeletionSql> Tables { get; } = DeletionSql.For(new(static i => $"${i}", static bytes => $"encode({bytes}, 'hex')"));

    public string Status { get; }
    public DeletionCounts Deleted { get; }
    public int Phase { get; private set; }

    /// <summary>How far the phase has come.</summary>
    public string Place { get; private set; }

    /// <summary>The request, locked until the transaction ends: one batch of it at a time.</summary>
    public static Task<PostgresDeletionRun?> LoadAsync(PostgresSession session, string orgId, string id, CancellationToken cancellation) =>
        session.FindAsync(
            """
            SELECT scope, inbox_id, before, cutoff, status, deleted, phase, place
            FROM deletion_requests
            WHERE org_id = $1 AND id = $2
            FOR UPDATE
            """,
            row => new PostgresDeletionRun(
                session, new DeletionTarget(orgId, row.GetString(0), row.TextOrNull(1), row.LongOrNull(2)), row.GetInt64(3), row.GetString(4),
                DeletionCounts.Parse(row.TextOrNull(5)), row.GetInt32(6), row.GetString(7)),
            cancellation, orgId, id);

    /// <summary>Shuts what lets mail and requests in, in the transaction of the confirmation.</summary>
    public async Task CloseAsync(long now, CancellationToken cancellation)
    {
        foreach (var sql in Tables.Where(static sql => sql.Table.AtOnce))
        {
            if (target.Scope == DeletionScope.Organization)
                Deleted.Add(sql.Table.CountedAs, await session.ExecuteAsync(sql.DeleteOrganization, cancellation, target.OrgId));
            else if (target.Scope == DeletionScope.Inbox && sql.DeleteInbox is { } byInbox)
                Deleted.Add(sql.Table.CountedAs, await session.ExecuteAsync(byInbox, cancellation, target.OrgId, 0L, target.InboxId));
        }
        if (target.Scope == DeletionScope.Messages)
            return;
        if (target.Scope == DeletionScope.Organization)
            await PostgresWebhookEndpointStore.ChangedAsync(session, target.OrgId, cancellation);
        await session.ExecuteAsync(
            "UPDATE inboxes SET deleted_at = $3 WHERE org_id = $1 AND ($2::text IS NULL OR id = $2) AND deleted_at IS NULL",
            cancellation, target.OrgId, target.InboxId, now);
        await session.ExecuteAsync(
            "UPDATE deletion_requests SET status = 'expired' WHERE org_id = $1 AND ($2::text IS NULL OR inbox_id = $2) AND status = 'pending'",
            cancellation, target.OrgId, target.InboxId);
    }

    /// <summary>One batch; true when that was the last.</summary>
    public async Task<bool> StepAsync(CancellationToken cancellation)
    {
        var more = Phase switch
        {
            0 => await BatchMessagesAsync(cancellation),
            EventsPhase => await SweepEventsAsync(cancellation),
            RefsPhase => await SweepRefsAsync(cancellation),
            _ => await BatchTableAsync(Tables[Phase - FirstTablePhase], cancellation),
        };
        if (more)
            return false;
        (Phase, Place) = (Phase + 1, "");
        var last = target.Scope == DeletionScope.Messages ? FirstTablePhase : FirstTablePhase + Tables.Count;
        return Phase >= last;
    }

    private async Task<bool> BatchMessagesAsync(CancellationToken cancellation)
    {
        if (await PostgresMessageDeletion.BatchAsync(session, target, cutoff, Place, Deleted, cancellation) is not { } inboxId)
            return false;
        Place = inboxId;
        return true;
    }

    private async Task<bool> BatchTableAsync(DeletionSql sql, CancellationToken cancellation)
    {
        int gone;
        if (target.Scope == DeletionScope.Organization)
        {
            if (sql.GarbageOrganization is { } garbage)
                await session.ExecuteAsync(garbage, cancellation, target.OrgId, AtOnce);
            if (sql.HashedOrganization is { } hashed)
                await SuppressionHashRow.KeepAsync(session, hashed, cancellation, target.OrgId, AtOnce);
            gone = await session.ExecuteAsync(sql.BatchOrganization, cancellation, target.OrgId, AtOnce);
        }
        else
        {
            if (sql.HashedInbox is { } hashed)
                await SuppressionHashRow.KeepAsync(session, hashed, cancellation, target.OrgId, AtOnce, target.InboxId);
            gone = sql.BatchInbox is { } batch ? await session.ExecuteAsync(batch, cancellation, target.OrgId, AtOnce, target.InboxId) : 0;
        }
        Deleted.Add(sql.Table.CountedAs, gone);
        return gone == AtOnce;
    }

    /// <summary>The log tells nothing more of messages and threads that are gone, nor of an inbox that goes.</summary>
    private async Task<bool> SweepEventsAsync(CancellationToken cancellation)
    {
        if (target.Scope == DeletionScope.Organization)
            return false;
        var from = Place.Length == 0 ? 0 : long.Parse(Place, CultureInfo.InvariantCulture);
        var to = await session.QueryAsync(
            "SELECT seq FROM events WHERE org_id = $1 AND seq > $2 ORDER BY seq OFFSET $3 LIMIT 1", static row => row.GetInt64(0), cancellation,
            target.OrgId, from, AtOnce - 1);
        await session.ExecuteAsync(
            """
            DELETE FROM events e
            WHERE e.org_id = $1 AND e.seq > $2 AND e.seq <= $3 AND (
                e.inbox_id = $4::text
                OR (e.message_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.org_id = e.org_id AND m.id = e.message_id))
                OR (e.thread_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM threads t WHERE t.org_id = e.org_id AND t.id = e.thread_id)))
            """,
            cancellation, target.OrgId, from, to.Count > 0 ? to[0] : long.MaxValue, target.Scope == DeletionScope.Inbox ? target.InboxId : null);
        Place = to.Count > 0 ? to[0].ToString(CultureInfo.InvariantCulture) : "";
        return to.Count > 0;
    }

    /// <summary>Message-IDs that led to a thread that is gone.</summary>
    private async Task<bool> SweepRefsAsync(CancellationToken cancellation)
    {
        if (target.Scope != DeletionScope.Messages)
            return false;
        var (fromInbox, fromMessage) = Place.Split('\n', 2) is [var inbox, var message] ? (inbox, message) : ("", "");
        var to = await session.QueryAsync(
            """
            SELECT inbox_id, message_id FROM thread_refs
            WHERE org_id = $1 AND (inbox_id, message_id) > ($2, $3)
            ORDER BY inbox_id, message_id OFFSET $4 LIMIT 1
            """,
            static row => (Inbox: row.GetString(0), Message: row.GetString(1)), cancellation, target.OrgId, fromInbox, fromMessage, AtOnce - 1);
        await session.ExecuteAsync(
            """
            DELETE FROM thread_refs r
            WHERE r.org_id = $1 AND (r.inbox_id, r.message_id) > ($2, $3) AND (r.inbox_id, r.message_id) <= ($4, $5)
                AND NOT EXISTS (SELECT 1 FROM threads t WHERE t.org_id = r.org_id AND t.id = r.thread_id)
            """,
            cancellation, target.OrgId, fromInbox, fromMessage, to.Count > 0 ? to[0].Inbox : "~", to.Count > 0 ? to[0].Message : "~");
        Place = to.Count > 0 ? $"{to[0].Inbox}\n{to[0].Message}" : "";
        return to.Count > 0;
    }
}

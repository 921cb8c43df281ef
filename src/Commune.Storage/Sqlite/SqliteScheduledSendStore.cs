namespace Commune.Storage.Sqlite;

internal sealed class SqliteScheduledSendStore(SqliteStore store, TimeProvider time) : IScheduledSendStore
{
    /// <summary>The organisations that have a message which an answer cancels: every answer that comes in is asked for its own.</summary>
    private readonly KeptRows<string, bool> waiting = new(store, time);

    public Task<ScheduledSend?> FindAsync(string orgId, string messageId, CancellationToken cancellation) =>
        store.ReadAsync(session => Find(session, orgId, messageId), cancellation);

    public Task<CancelledSchedule> CancelAsync(string orgId, string messageId, string reason, long at, CancellationToken cancellation) =>
        store.WriteAsync(writes => Cancel(writes, orgId, messageId, reason, at), cancellation);

    public async Task<IReadOnlyList<string>> FindCancelledByReplyAsync(string orgId, string threadId, CancellationToken cancellation)
    {
        if (!await waiting.GetAsync(
            orgId, session => session.Any("SELECT 1 FROM scheduled_sends WHERE org_id = ?1 AND cancel_on_reply = 1 LIMIT 1", orgId), cancellation))
            return [];
        return await store.ReadAsync(
            session =>
            {
                var messages = new List<string>();
                using var row = session.Query(
                    "SELECT message_id FROM scheduled_sends WHERE org_id = ?1 AND thread_id = ?2 AND cancel_on_reply = 1", orgId, threadId);
                while (row.Read())
                    messages.Add(row.Text(0));
                return messages;
            },
            cancellation);
    }

    public Task<ReleasedSchedule> ReleaseAsync(
        Job job, ReleasePayload payload, IReadOnlyList<NewJob> deliveries, IReadOnlyList<SkippedRecipient> skipped, long repliesSeenUpTo, long at,
        CancellationToken cancellation) =>
        store.WriteAsync(
            writes =>
            {
                var session = writes.Session;
                if (!SqliteJobStore.Holds(session, job) || Find(session, payload.OrgId, payload.MessageId) is not { } scheduled)
                {
                    SqliteJobStore.Complete(writes, job);
                    return ReleasedSchedule.Gone;
                }
                if (scheduled.CancelOnReply && session.Any(
                    "SELECT 1 FROM messages WHERE org_id = ?1 AND thread_id = ?2 AND created_at > ?3 AND direction = 'inbound' LIMIT 1",
                    payload.OrgId, scheduled.ThreadId, repliesSeenUpTo))
                    return ReleasedSchedule.Answered;

                Remove(session, payload.OrgId, payload.MessageId);
                session.Execute(
                    "UPDATE messages SET queued_at = ?3 WHERE org_id = ?1 AND id = ?2", payload.OrgId, payload.MessageId, at);
                SentStateRow.WriteStatus(session, payload.OrgId, payload.MessageId, deliveries.Count > 0 ? "queued" : "suppressed");
                var (inboxId, domainId) = PlaceOf(session, payload);
                foreach (var delivery in deliveries)
                    writes.AddJob(delivery.Id, delivery.Kind, delivery.Key, delivery.OrgId, delivery.Payload, delivery.DueAt);
                writes.AppendEvent(
                    payload.OrgId, "message.queued", inboxId, scheduled.ThreadId, payload.MessageId, data: null);
                foreach (var recipient in skipped)
                    Skip(writes, new DeliveryEvent(
                        payload.OrgId, "", payload.MessageId, inboxId, domainId, recipient.Address, DeliveryEventType.Suppressed, at, null, null, null),
                        scheduled.ThreadId, recipient);
                SqliteJobStore.Complete(writes, job);
                return ReleasedSchedule.Released;
            },
            cancellation);

    internal static void Add(SqliteSession session, ScheduledSend send) => session.Execute(
        "INSERT INTO scheduled_sends (org_id, message_id, thread_id, send_at, cancel_on_reply, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        send.OrgId, send.MessageId, send.ThreadId, send.SendAt, send.CancelOnReply, send.CreatedAt);

    private static CancelledSchedule Cancel(SqliteWrites writes, string orgId, string messageId, string reason, long at)
    {
        var session = writes.Session;
        string inboxId, threadId;
        string? status, data;
        using (var row = session.Query(
            $"SELECT inbox_id, thread_id, {SentStateRow.Columns} FROM messages WHERE org_id = ?1 AND id = ?2", orgId, messageId))
        {
            if (!row.Read())
                return CancelledSchedule.UnknownMessage;
            (inboxId, threadId, status, data) = (row.Text(0), row.Text(1), row.TextOrNull(2), row.TextOrNull(3));
        }
        if (status == "cancelled")
            return CancelledSchedule.Cancelled;
        if (Remove(session, orgId, messageId) == 0)
            return CancelledSchedule.NotScheduled;

        SentStateRow.Write(session, orgId, messageId, "cancelled", DeliveryState.Read(status, data).CancelledData(reason, at));
        session.Execute(
            """
            UPDATE recipients SET status = 'cancelled', next_attempt_at = NULL, updated_at = ?3
            WHERE org_id = ?1 AND message_id = ?2 AND status = 'queued'
            """,
            orgId, messageId, at);
        session.Execute("DELETE FROM jobs WHERE kind = ?1 AND key = ?2", JobKind.Release, messageId);
        writes.AppendEvent(orgId, "message.cancelled", inboxId, threadId, messageId, DeliveryState.CancelledEvent(reason));
        return CancelledSchedule.Cancelled;
    }

    private static int Remove(SqliteSession session, string orgId, string messageId) =>
        session.Execute("DELETE FROM scheduled_sends WHERE org_id = ?1 AND message_id = ?2", orgId, messageId);

    private static void Skip(SqliteWrites writes, DeliveryEvent entry, string threadId, SkippedRecipient recipient)
    {
        var outcome = SuppressionRule.Skip(recipient);
        writes.Session.Execute(
            """
            UPDATE recipients SET status = 'suppressed', next_attempt_at = NULL, updated_at = ?4
            WHERE org_id = ?1 AND message_id = ?2 AND address = ?3
            """,
            entry.OrgId, entry.MessageId, entry.Recipient, entry.At);
        DeliveryEventRow.Insert(
            writes.Session,
            entry with { Id = EntityId.NewSortable("evt_", DateTimeOffset.FromUnixTimeMilliseconds(entry.At)), Detail = outcome.Detail }, reportId: null);
        writes.AppendEvent(
            entry.OrgId, DeliveryState.LogType(entry.Type), entry.InboxId, threadId, entry.MessageId, DeliveryState.LogData(entry.Type, outcome));
    }

    private static (string InboxId, string DomainId) PlaceOf(SqliteSession session, ReleasePayload payload)
    {
        using var row = session.Query(
            "SELECT inbox_id, domain_id FROM messages WHERE org_id = ?1 AND id = ?2", payload.OrgId, payload.MessageId);
        return row.Read() ? (row.Text(0), row.Text(1)) : ("", "");
    }

    private static ScheduledSend? Find(SqliteSession session, string orgId, string messageId)
    {
        using var row = session.Query(
            "SELECT thread_id, send_at, cancel_on_reply, created_at FROM scheduled_sends WHERE org_id = ?1 AND message_id = ?2", orgId, messageId);
        return row.Read() ? new ScheduledSend(orgId, messageId, row.Text(0), row.Number(1), row.Flag(2), row.Number(3)) : null;
    }
}

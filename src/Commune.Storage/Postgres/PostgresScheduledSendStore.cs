using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresScheduledSendStore(PostgresDatabase database, SharedLookUps lookUps, JobSignals signals) : IScheduledSendStore
{
    private const string Columns = "org_id, message_id, thread_id, send_at, cancel_on_reply, created_at";

    public Task<ScheduledSend?> FindAsync(string orgId, string messageId, CancellationToken cancellation) =>
        database.FindAsync(
            $"SELECT {Columns} FROM scheduled_sends WHERE org_id = $1 AND message_id = $2", Map, cancellation, orgId, messageId);

    public Task<CancelledSchedule> CancelAsync(string orgId, string messageId, string reason, long at, CancellationToken cancellation) =>
        database.TransactAsync(session => CancelAsync(session, orgId, messageId, reason, at, cancellation), cancellation);

    public Task<IReadOnlyList<string>> FindCancelledByReplyAsync(string orgId, string threadId, CancellationToken cancellation) =>
        lookUps.RunAsync(new CancelledByReplyLookUp(orgId, threadId) { Cancellation = cancellation }, cancellation);

    public async Task<ReleasedSchedule> ReleaseAsync(
        Job job, ReleasePayload payload, IReadOnlyList<NewJob> deliveries, IReadOnlyList<SkippedRecipient> skipped, long repliesSeenUpTo, long at,
        CancellationToken cancellation)
    {
        var released = await database.TransactAsync(
            session => ReleaseAsync(session, job, payload, deliveries, skipped, repliesSeenUpTo, at, cancellation), cancellation);
        if (released == ReleasedSchedule.Released)
        {
            foreach (var kind in deliveries.Select(static delivery => delivery.Kind).Distinct(StringComparer.Ordinal))
            {
                signals.Pulse(kind);
                await database.ExecuteAsync(JobListener.Announcement, cancellation, kind);
            }
        }

        return released;
    }

    private static async Task<ReleasedSchedule> ReleaseAsync(
        PostgresSession session, Job job, ReleasePayload payload, IReadOnlyList<NewJob> deliveries, IReadOnlyList<SkippedRecipient> skipped,
        long repliesSeenUpTo, long at, CancellationToken cancellation)
    {
        var head = await session.LockOrganisationAsync(payload.OrgId, at, cancellation);
        var held = await session.ExistsAsync("SELECT 1 FROM jobs WHERE id = $1 AND lease = $2 FOR UPDATE", cancellation, job.Id, job.Lease);
        var scheduled = await session.FindAsync(
            $"SELECT {Columns} FROM scheduled_sends WHERE org_id = $1 AND message_id = $2", Map, cancellation, payload.OrgId, payload.MessageId);
        if (held && head is not null && scheduled is not null)
        {
            if (scheduled.CancelOnReply && await session.ExistsAsync(
                "SELECT 1 FROM messages WHERE org_id = $1 AND thread_id = $2 AND created_at > $3 AND direction = 'inbound' LIMIT 1",
                cancellation, payload.OrgId, scheduled.ThreadId, repliesSeenUpTo))
            {
                return ReleasedSchedule.Answered;
            }

            await RemoveAsync(session, payload.OrgId, payload.MessageId, cancellation);
            var (inboxId, domainId) = (await session.QueryAsync(
                "UPDATE messages SET delivery_status = $4, queued_at = $3 WHERE org_id = $1 AND id = $2 RETURNING inbox_id, domain_id",
                static row => (row.GetString(0), row.GetString(1)),
                cancellation, payload.OrgId, payload.MessageId, at, deliveries.Count > 0 ? "queued" : "suppressed"))[0];
            foreach (var delivery in deliveries)
            {
                await session.ExecuteAsync(
                    """
                    INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease_until)
                    VALUES ($1, $2, $3, $4, $5, 0, $6, 0)
                    """,
                    cancellation, delivery.Id, delivery.Kind, delivery.Key, delivery.OrgId, delivery.Payload, delivery.DueAt);
            }

            await session.AppendAsync(
                head, head.Append("message.queued", inboxId, scheduled.ThreadId, payload.MessageId), cancellation);
            foreach (var recipient in skipped)
            {
                await SkipAsync(session, head, new DeliveryEvent(
                    payload.OrgId, "", payload.MessageId, inboxId, domainId, recipient.Address, DeliveryEventType.Suppressed, head.Now, null, null, null),
                    scheduled.ThreadId, recipient, cancellation);
            }
        }

        await session.ExecuteAsync("DELETE FROM jobs WHERE id = $1 AND lease = $2", cancellation, job.Id, job.Lease);
        return held && scheduled is not null ? ReleasedSchedule.Released : ReleasedSchedule.Gone;
    }

    private static async Task SkipAsync(
        PostgresSession session, OrgHead head, DeliveryEvent entry, string threadId, SkippedRecipient recipient, CancellationToken cancellation)
    {
        var outcome = SuppressionRule.Skip(recipient);
        await session.ExecuteAsync(
            """
            UPDATE recipients SET status = 'suppressed', next_attempt_at = NULL, updated_at = $4
            WHERE org_id = $1 AND message_id = $2 AND address = $3
            """,
            cancellation, entry.OrgId, entry.MessageId, entry.Recipient, entry.At);
        await session.ExecuteAsync(
            """
            INSERT INTO delivery_events (org_id, message_id, id, inbox_id, domain_id, recipient, type, at, detail)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            cancellation, entry.OrgId, entry.MessageId, EntityId.NewSortable("evt_", DateTimeOffset.FromUnixTimeMilliseconds(entry.At)),
            entry.InboxId, entry.DomainId, entry.Recipient, entry.Type, entry.At, outcome.Detail);
        await session.AppendAsync(
            head,
            head.Append(DeliveryState.LogType(entry.Type), entry.InboxId, threadId, entry.MessageId, DeliveryState.LogData(entry.Type, outcome)),
            cancellation);
    }

    private static async Task<CancelledSchedule> CancelAsync(
        PostgresSession session, string orgId, string messageId, string reason, long at, CancellationToken cancellation)
    {
        var head = await session.LockOrganisationAsync(orgId, at, cancellation);
        var message = await session.FindAsync(
            """
            SELECT m.inbox_id, m.thread_id, COALESCE(s.status, m.delivery_status), COALESCE(s.data, m.delivery_data)
            FROM messages m
            LEFT JOIN sent_states s ON s.org_id = m.org_id AND s.message_id = m.id
            WHERE m.org_id = $1 AND m.id = $2
            """,
            static row => Tuple.Create(row.GetString(0), row.GetString(1), row.TextOrNull(2), row.TextOrNull(3)),
            cancellation, orgId, messageId);
        if (head is null || message is null)
            return CancelledSchedule.UnknownMessage;
        var (inboxId, threadId, status, data) = message;
        if (status == "cancelled")
            return CancelledSchedule.Cancelled;
        if (await RemoveAsync(session, orgId, messageId, cancellation) == 0)
            return CancelledSchedule.NotScheduled;

        await session.ExecuteAsync(
            "UPDATE messages SET delivery_status = 'cancelled', delivery_data = $3 WHERE org_id = $1 AND id = $2",
            cancellation, orgId, messageId, DeliveryState.Read(status, data).CancelledData(reason, at));
        await session.ExecuteAsync(
            """
            UPDATE recipients SET status = 'cancelled', next_attempt_at = NULL, updated_at = $3
            WHERE org_id = $1 AND message_id = $2 AND status = 'queued'
            """,
            cancellation, orgId, messageId, at);
        await session.ExecuteAsync("DELETE FROM jobs WHERE kind = $1 AND key = $2", cancellation, JobKind.Release, messageId);
        await session.AppendAsync(
            head, head.Append("message.cancelled", inboxId, threadId, messageId, DeliveryState.CancelledEvent(reason)), cancellation);
        return CancelledSchedule.Cancelled;
    }

    private static Task<int> RemoveAsync(PostgresSession session, string orgId, string messageId, CancellationToken cancellation) =>
        session.ExecuteAsync("DELETE FROM scheduled_sends WHERE org_id = $1 AND message_id = $2", cancellation, orgId, messageId);

    private static ScheduledSend Map(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt32(4) != 0, row.GetInt64(5));
}

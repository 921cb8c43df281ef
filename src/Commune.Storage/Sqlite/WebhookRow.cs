namespace Commune.Storage.Sqlite;

/// <summary>A row of <c>webhook_deliveries</c>, with the steps that several writes have in common.</summary>
internal static class WebhookRow
{
    public const string Columns =
        """
        org_id, id, inbox_id, message_id, endpoint, status, attempts, earlier_attempts, forced, created_at, delivered_at, dead_at,
        last_error, last_code, latency_ms, next_retry_at, payload_hash, webhook_id, event_seq, event_type
        """;

    public const string DeletePayload = "DELETE FROM webhook_payloads WHERE org_id = ?1 AND message_id = ?2 AND delivery_id = ?3";

    /// <summary>Writes a new delivery and the job that makes its attempts.</summary>
    public static void Owe(SqliteWrites writes, WebhookDelivery delivery, long dueAt)
    {
        writes.Session.Execute(
            """
            INSERT INTO webhook_deliveries
              (org_id, id, inbox_id, message_id, endpoint, status, attempts, earlier_attempts, forced, created_at, webhook_id, event_seq, event_type)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0, ?7, ?8, ?9, ?10)
            """,
            delivery.OrgId, delivery.Id, delivery.InboxId, delivery.MessageId, delivery.Endpoint, delivery.Status, delivery.CreatedAt,
            delivery.WebhookId, delivery.EventSequence, delivery.EventType);
        var job = delivery.Job(dueAt);
        writes.AddJob(job.Id, job.Kind, job.Key, job.OrgId, job.Payload, job.DueAt);
    }

    public static WebhookDelivery? Find(SqliteSession session, string orgId, string id)
    {
        using var row = session.Query($"SELECT {Columns} FROM webhook_deliveries WHERE org_id = ?1 AND id = ?2", orgId, id);
        return row.Read() ? Map(row) : null;
    }

    public static WebhookDelivery Map(SqliteRows row) => new(
        row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5), (int)row.Number(6), (int)row.Number(7), row.Flag(8),
        row.Number(9), row.NumberOrNull(10), row.NumberOrNull(11), row.TextOrNull(12), (int?)row.NumberOrNull(13), row.NumberOrNull(14),
        row.NumberOrNull(15), row.TextOrNull(16), row.TextOrNull(17), row.NumberOrNull(18), row.TextOrNull(19));

    /// <summary>Makes the delivery due at once; a dead one begins a fresh set of attempts.</summary>
    public static void Revive(SqliteWrites writes, WebhookDelivery delivery, bool forced, long now)
    {
        var session = writes.Session;
        session.Execute(
            """
            UPDATE webhook_deliveries SET
              status = CASE status WHEN 'dead' THEN 'pending' ELSE status END,
              earlier_attempts = CASE status WHEN 'dead' THEN attempts ELSE earlier_attempts END,
              dead_at = NULL, next_retry_at = ?3, forced = max(forced, ?4)
            WHERE org_id = ?1 AND id = ?2
            """,
            delivery.OrgId, delivery.Id, now, forced);
        // One that a worker has at this moment is being tried already.
        if (session.Any("SELECT 1 FROM jobs WHERE id = ?1", delivery.Id))
            session.Execute("UPDATE jobs SET due_at = ?2 WHERE id = ?1 AND (lease IS NULL OR lease_until <= ?2)", delivery.Id, now);
        else
            writes.AddJob(delivery.Id, JobKind.Webhook, WebhookKey.Of(delivery.OrgId, delivery.Endpoint), delivery.OrgId, delivery.Id, now);
        writes.Signalled.Add(JobKind.Webhook);
    }
}

using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>A row of <c>webhook_deliveries</c>, with the steps that several writes have in common.</summary>
internal static class WebhookRow
{
    public const string Columns =
        """
        org_id, id, inbox_id, message_id, endpoint, status, attempts, earlier_attempts, forced, created_at, delivered_at, dead_at,
        last_error, last_code, latency_ms, next_retry_at, payload_hash, webhook_id, event_seq, event_type
        """;

    public static WebhookDelivery Map(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetInt32(6), row.GetInt32(7),
        row.GetInt32(8) != 0, row.GetInt64(9), row.LongOrNull(10), row.LongOrNull(11), row.TextOrNull(12), row.IntOrNull(13), row.LongOrNull(14),
        row.LongOrNull(15), row.TextOrNull(16), row.TextOrNull(17), row.LongOrNull(18), row.TextOrNull(19));

    /// <summary>The row, held until the transaction ends.</summary>
    public static Task<WebhookDelivery?> HoldAsync(PostgresSession session, string orgId, string id, CancellationToken cancellation) =>
        session.FindAsync(
            $"SELECT {Columns} FROM webhook_deliveries WHERE org_id = $1 AND id = $2 FOR UPDATE", Map, cancellation, orgId, id);

    /// <summary>Holds the job's row; false when its lease was lost.</summary>
    public static Task<bool> HoldsAsync(PostgresSession session, Job job, CancellationToken cancellation) =>
        session.ExistsAsync("SELECT 1 FROM jobs WHERE id = $1 AND lease = $2 FOR UPDATE", cancellation, job.Id, job.Lease);

    /// <summary>Makes the delivery due at once; a dead one begins a fresh set of attempts.</summary>
    public static async Task ReviveAsync(
        PostgresSession session, WebhookDelivery delivery, bool forced, long now, CancellationToken cancellation)
    {
        await session.ExecuteAsync(
            """
            UPDATE webhook_deliveries
            SET status = CASE status WHEN 'dead' THEN 'pending' ELSE status END,
                earlier_attempts = CASE status WHEN 'dead' THEN attempts ELSE earlier_attempts END,
                dead_at = NULL, next_retry_at = $3, forced = GREATEST(forced, $4)
            WHERE org_id = $1 AND id = $2
            """,
            cancellation, delivery.OrgId, delivery.Id, now, forced ? 1 : 0);
        // One that a worker has at this moment is being tried already.
        await AddJobAsync(session, delivery.Job(now), cancellation);
    }

    /// <summary>Adds the job, or makes the one that is there and that nobody holds due.</summary>
    public static Task AddJobAsync(PostgresSession session, NewJob job, CancellationToken cancellation) => session.ExecuteAsync(
        """
        INSERT INTO jobs AS j (id, kind, key, org_id, payload, attempts, due_at, lease_until)
        VALUES ($1, $2, $3, $4, $5, 0, $6, 0)
        ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at
        WHERE j.lease IS NULL OR j.lease_until <= excluded.due_at
        """,
        cancellation, job.Id, job.Kind, job.Key, job.OrgId, job.Payload, job.DueAt);

    public static Task OweAsync(PostgresSession session, WebhookDelivery delivery, CancellationToken cancellation) => session.ExecuteAsync(
        """
        INSERT INTO webhook_deliveries (
            org_id, id, inbox_id, message_id, endpoint, status, attempts, earlier_attempts, forced, created_at, webhook_id, event_seq, event_type)
        VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7, $8, $9, $10)
        """,
        cancellation, delivery.OrgId, delivery.Id, delivery.InboxId, delivery.MessageId, delivery.Endpoint, delivery.Status, delivery.CreatedAt,
        delivery.WebhookId, delivery.EventSequence, delivery.EventType);
}

namespace Commune.Storage.Postgres;

/// <summary>
/// Writes what an attempt came to: the delivery, the endpoint's circuit, and the events that follow. The organisation's row is held
/// whenever an event may follow.
/// </summary>
internal sealed class WebhookRecord(
    PostgresSession session, OrgHead? head, WebhookDelivery delivery, string endpoint, CancellationToken cancellation)
{
    /// <summary>How many waiting jobs are moved with their circuit in one transaction; the others learn of it when they come due.</summary>
    private const int MovedAtOnce = 1000;

    private readonly string key = WebhookKey.Of(delivery.OrgId, endpoint);

    public async Task WriteAsync(Job job, WebhookOutcome outcome)
    {
        await session.ExecuteAsync(
            """
            INSERT INTO webhook_attempts (org_id, message_id, delivery_id, attempt, status_code, error, latency_ms, attempted_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            cancellation, delivery.OrgId, delivery.MessageId, delivery.Id, delivery.Attempts + 1, outcome.StatusCode, outcome.Error, outcome.LatencyMs, outcome.AttemptedAt);
        await session.ExecuteAsync(
            """
            UPDATE webhook_deliveries
            SET status = $3, attempts = attempts + 1, forced = 0, last_error = $4, last_code = $5, latency_ms = $6, next_retry_at = $7,
                delivered_at = CASE $3 WHEN 'delivered' THEN $8::bigint END, dead_at = CASE $3 WHEN 'dead' THEN $8::bigint END,
                failed_at = CASE $3 WHEN 'delivered' THEN failed_at ELSE $8::bigint END
            WHERE org_id = $1 AND id = $2
            """,
            cancellation, delivery.OrgId, delivery.Id, outcome.Status, outcome.Error, outcome.StatusCode, outcome.LatencyMs, outcome.NextRetryAt, outcome.At);

        var openUntil = outcome.Succeeded ? await CloseAsync(outcome) : await FailAsync(outcome);
        if (outcome.NextRetryAt is { } retryAt)
        {
            await session.ExecuteAsync(
                "UPDATE jobs SET due_at = $2, lease = NULL, lease_until = 0 WHERE id = $1", cancellation, job.Id, Math.Max(retryAt, openUntil));
        }
        else
        {
            await session.ExecuteAsync("DELETE FROM jobs WHERE id = $1", cancellation, job.Id);
        }

        if (outcome.Succeeded)
        {
            await session.ExecuteAsync(
                "DELETE FROM webhook_payloads WHERE org_id = $1 AND message_id = $2 AND delivery_id = $3",
                cancellation, delivery.OrgId, delivery.MessageId, delivery.Id);
        }
        if (outcome.Status == "dead")
            await TellAsync("webhook.dead", WebhookEvents.Dead(delivery, endpoint, outcome.Error!));
        if (outcome.Disables)
            await DisableAsync(outcome.Error!);
    }

    /// <summary>Ends the delivery without an attempt.</summary>
    public async Task AbandonAsync(string reason, long at)
    {
        await session.ExecuteAsync(
            """
            UPDATE webhook_deliveries
            SET status = 'dead', forced = 0, last_error = $3, last_code = NULL, next_retry_at = NULL, dead_at = $4
            WHERE org_id = $1 AND id = $2
            """,
            cancellation, delivery.OrgId, delivery.Id, reason, at);
        await TellAsync("webhook.dead", WebhookEvents.Dead(delivery, endpoint, reason));
    }

    /// <returns>Until when the circuit is open; 0 while it is not.</returns>
    private async Task<long> FailAsync(WebhookOutcome outcome)
    {
        var failures = (await session.QueryAsync(
            """
            INSERT INTO webhook_circuits AS c (org_id, key, failures, open_until)
            VALUES ($1, $2, 1, CASE WHEN $3 <= 1 THEN $4::bigint ELSE 0 END)
            ON CONFLICT (org_id, key) DO UPDATE
            SET failures = c.failures + 1, open_until = CASE WHEN c.failures + 1 >= $3 THEN $4::bigint ELSE 0 END
            RETURNING failures
            """,
            static row => row.GetInt32(0), cancellation, delivery.OrgId, key, outcome.Threshold, outcome.PauseUntil))[0];
        if (failures < outcome.Threshold)
            return 0;

        await session.ExecuteAsync(
            """
            UPDATE jobs
            SET due_at = $3
            WHERE id IN (
                SELECT id FROM jobs
                WHERE kind = $1 AND key = $2 AND lease IS NULL AND due_at < $3
                ORDER BY due_at LIMIT $4
                FOR UPDATE SKIP LOCKED)
            """,
            cancellation, JobKind.Webhook, key, outcome.PauseUntil, MovedAtOnce);
        if (failures == outcome.Threshold)
            await TellAsync("webhook.paused", WebhookEvents.Paused(endpoint, failures, outcome.PauseUntil));
        return outcome.PauseUntil;
    }

    private async Task<long> CloseAsync(WebhookOutcome outcome)
    {
        // There was no circuit when the organisation's row was not taken. One that another node has opened since counts failures that came
        // after this success, and is closed by a later one, which can tell of it.
        if (head is null)
            return 0;
        var closed = await session.QueryAsync(
            "DELETE FROM webhook_circuits WHERE org_id = $1 AND key = $2 RETURNING failures", static row => row.GetInt32(0), cancellation, delivery.OrgId, key);
        if (closed is not [var failures] || failures < outcome.Threshold)
            return 0;

        // What waited for the circuit goes on at the time of its own.
        await session.ExecuteAsync(
            """
            UPDATE jobs j
            SET due_at = COALESCE((SELECT d.next_retry_at FROM webhook_deliveries d WHERE d.org_id = j.org_id AND d.id = j.id), $3)
            WHERE j.id IN (
                SELECT id FROM jobs
                WHERE kind = $1 AND key = $2 AND lease IS NULL AND due_at > $3
                ORDER BY due_at LIMIT $4
                FOR UPDATE SKIP LOCKED)
            """,
            cancellation, JobKind.Webhook, key, outcome.At, MovedAtOnce);
        await TellAsync("webhook.resumed", WebhookEvents.Resumed(endpoint));
        return 0;
    }

    private async Task DisableAsync(string reason)
    {
        if (delivery.WebhookId is { } webhookId)
        {
            if (await PostgresWebhookEndpointStore.DisableAsync(session, delivery.OrgId, webhookId, endpoint, reason, cancellation))
                await TellAsync("webhook.disabled", WebhookEvents.Disabled(endpoint, reason));
            return;
        }
        var setting = await session.FindAsync(
            "SELECT webhook FROM inboxes WHERE org_id = $1 AND id = $2 AND webhook IS NOT NULL FOR UPDATE",
            static row => PostgresJson.ReadWebhook(row.GetString(0))!, cancellation, delivery.OrgId, delivery.InboxId);
        if (setting is not { DisabledReason: null } || setting.Endpoint != endpoint)
            return;
        await session.ExecuteAsync(
            "UPDATE inboxes SET webhook = $3 WHERE org_id = $1 AND id = $2",
            cancellation, delivery.OrgId, delivery.InboxId, PostgresJson.Webhook(setting with { DisabledReason = reason }));
        await TellAsync("webhook.disabled", WebhookEvents.Disabled(endpoint, reason));
    }

    private async Task TellAsync(string type, string data)
    {
        if (head is null)
            return;
        var (inboxId, messageId) = (delivery.InboxId is "" ? null : delivery.InboxId, delivery.MessageId is "" ? null : delivery.MessageId);
        await session.AppendAsync(
            head, head.Append(type, inboxId, threadId: null, messageId, data), cancellation, EventAudience.OfFailure(delivery, endpoint));
    }
}

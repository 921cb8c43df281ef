namespace Commune.Storage.Sqlite;

/// <summary>Writes what an attempt came to: the delivery, the endpoint's circuit, and the events that follow.</summary>
internal static class WebhookRecord
{
    /// <summary>How many waiting jobs are moved with their circuit in one transaction; the others learn of it when they come due.</summary>
    private const int MovedAtOnce = 1000;

    public static void Write(SqliteWrites writes, Job job, WebhookDelivery delivery, string endpoint, WebhookOutcome outcome)
    {
        var session = writes.Session;
        session.Execute(
            """
            INSERT INTO webhook_attempts (org_id, message_id, delivery_id, attempt, status_code, error, latency_ms, attempted_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """,
            delivery.OrgId, delivery.MessageId, delivery.Id, delivery.Attempts + 1, outcome.StatusCode, outcome.Error, outcome.LatencyMs, outcome.AttemptedAt);
        session.Execute(
            """
            UPDATE webhook_deliveries SET
              status = ?3, attempts = attempts + 1, forced = 0, last_error = ?4, last_code = ?5, latency_ms = ?6, next_retry_at = ?7,
              delivered_at = CASE ?3 WHEN 'delivered' THEN ?8 END, dead_at = CASE ?3 WHEN 'dead' THEN ?8 END,
              failed_at = CASE ?3 WHEN 'delivered' THEN failed_at ELSE ?8 END
            WHERE org_id = ?1 AND id = ?2
            """,
            delivery.OrgId, delivery.Id, outcome.Status, outcome.Error, outcome.StatusCode, outcome.LatencyMs, outcome.NextRetryAt, outcome.At);

        var key = WebhookKey.Of(delivery.OrgId, endpoint);
        var openUntil = outcome.Succeeded ? Close(writes, delivery, endpoint, key, outcome) : Fail(writes, delivery, endpoint, key, outcome);
        if (outcome.NextRetryAt is { } retryAt)
            SqliteJobStore.Reschedule(writes, job, Math.Max(retryAt, openUntil));
        else
            SqliteJobStore.Complete(writes, job);

        if (outcome.Succeeded)
            session.Execute(WebhookRow.DeletePayload, delivery.OrgId, delivery.MessageId, delivery.Id);
        if (outcome.Status == "dead")
            Tell(writes, delivery, endpoint, "webhook.dead", WebhookEvents.Dead(delivery, endpoint, outcome.Error!));
        if (outcome.Disables)
            Disable(writes, delivery, endpoint, outcome.Error!);
    }

    /// <summary>Ends a delivery without an attempt.</summary>
    public static void Abandon(SqliteWrites writes, WebhookDelivery delivery, string reason, long at)
    {
        writes.Session.Execute(
            """
            UPDATE webhook_deliveries SET status = 'dead', forced = 0, last_error = ?3, last_code = NULL, next_retry_at = NULL, dead_at = ?4
            WHERE org_id = ?1 AND id = ?2
            """,
            delivery.OrgId, delivery.Id, reason, at);
        Tell(writes, delivery, delivery.Endpoint, "webhook.dead", WebhookEvents.Dead(delivery, delivery.Endpoint, reason));
    }

    /// <returns>Until when the circuit is open; 0 while it is not.</returns>
    private static long Fail(SqliteWrites writes, WebhookDelivery delivery, string endpoint, string key, WebhookOutcome outcome)
    {
        var session = writes.Session;
        var failures = (int)(session.Number("SELECT failures FROM webhook_circuits WHERE org_id = ?1 AND key = ?2", delivery.OrgId, key) ?? 0) + 1;
        var openUntil = failures >= outcome.Threshold ? outcome.PauseUntil : 0;
        session.Execute(
            """
            INSERT INTO webhook_circuits (org_id, key, failures, open_until) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (org_id, key) DO UPDATE SET failures = excluded.failures, open_until = excluded.open_until
            """,
            delivery.OrgId, key, failures, openUntil);
        if (openUntil == 0)
            return 0;

        session.Execute(
            """
            UPDATE jobs SET due_at = ?3 WHERE id IN
              (SELECT id FROM jobs WHERE kind = ?1 AND key = ?2 AND lease IS NULL AND due_at < ?3 ORDER BY due_at LIMIT ?4)
            """,
            JobKind.Webhook, key, openUntil, MovedAtOnce);
        if (failures == outcome.Threshold)
            Tell(writes, delivery, endpoint, "webhook.paused", WebhookEvents.Paused(endpoint, failures, openUntil));
        return openUntil;
    }

    private static long Close(SqliteWrites writes, WebhookDelivery delivery, string endpoint, string key, WebhookOutcome outcome)
    {
        var session = writes.Session;
        var failures = session.Number("SELECT failures FROM webhook_circuits WHERE org_id = ?1 AND key = ?2", delivery.OrgId, key);
        if (failures is null)
            return 0;
        session.Execute("DELETE FROM webhook_circuits WHERE org_id = ?1 AND key = ?2", delivery.OrgId, key);
        if (failures < outcome.Threshold)
            return 0;

        // What waited for the circuit goes on at the time of its own.
        session.Execute(
            """
            UPDATE jobs SET due_at = coalesce(
              (SELECT next_retry_at FROM webhook_deliveries d WHERE d.org_id = jobs.org_id AND d.id = jobs.id), ?3)
            WHERE id IN (SELECT id FROM jobs WHERE kind = ?1 AND key = ?2 AND lease IS NULL AND due_at > ?3 ORDER BY due_at LIMIT ?4)
            """,
            JobKind.Webhook, key, outcome.At, MovedAtOnce);
        writes.Signalled.Add(JobKind.Webhook);
        Tell(writes, delivery, endpoint, "webhook.resumed", WebhookEvents.Resumed(endpoint));
        return 0;
    }

    private static void Disable(SqliteWrites writes, WebhookDelivery delivery, string endpoint, string reason)
    {
        if (delivery.WebhookId is { } webhookId)
        {
            if (SqliteWebhookEndpointStore.Disable(writes, delivery.OrgId, webhookId, endpoint, reason))
                Tell(writes, delivery, endpoint, "webhook.disabled", WebhookEvents.Disabled(endpoint, reason));
            return;
        }
        if (SqliteInboxStore.Get(writes.Session, delivery.OrgId, delivery.InboxId) is not { Webhook: { DisabledReason: null } webhook }
            || webhook.Endpoint != endpoint)
            return;
        writes.Session.Execute(
            "UPDATE inboxes SET webhook = ?3 WHERE org_id = ?1 AND id = ?2",
            delivery.OrgId, delivery.InboxId, SqliteJson.Write(webhook with { DisabledReason = reason }));
        Tell(writes, delivery, endpoint, "webhook.disabled", WebhookEvents.Disabled(endpoint, reason));
    }

    private static void Tell(SqliteWrites writes, WebhookDelivery delivery, string endpoint, string type, string data) => writes.AppendEvent(
        delivery.OrgId, type, delivery.InboxId is "" ? null : delivery.InboxId, threadId: null, delivery.MessageId is "" ? null : delivery.MessageId, data,
        EventAudience.OfFailure(delivery, endpoint));
}

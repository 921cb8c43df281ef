using System.Security.Cryptography;

namespace Commune.Storage.Sqlite;

internal sealed class SqliteWebhookStore(SqliteStore store) : IWebhookStore
{
    private const int SweptAtOnce = 1000;
    private const int MostEndpoints = 1000;

    private const string Filter =
        """
        (?2 IS NULL OR inbox_id = ?2) AND (?3 IS NULL OR status = ?3) AND (?4 IS NULL OR endpoint = ?4) AND (?9 IS NULL OR webhook_id = ?9)
        """;

    private const string Order = "(created_at, id) < (?5, ?6) ORDER BY created_at DESC, id DESC LIMIT ?7 OFFSET ?8";

    public Task<WebhookWork?> LoadAsync(string orgId, string deliveryId, CancellationToken cancellation) => store.ReadSnapshotAsync(
        session =>
        {
            if (WebhookRow.Find(session, orgId, deliveryId) is not { } delivery)
                return null;
            var own = delivery.WebhookId is { } webhookId ? SqliteWebhookEndpointStore.Get(session, orgId, webhookId) : null;
            var webhook = delivery.WebhookId is null ? SqliteInboxStore.Get(session, orgId, delivery.InboxId)?.Webhook : own?.Setting;
            byte[]? payload = null;
            using (var row = session.Query(
                "SELECT body FROM webhook_payloads WHERE org_id = ?1 AND message_id = ?2 AND delivery_id = ?3", orgId, delivery.MessageId, deliveryId))
            {
                if (row.Read())
                    payload = row.Bytes(0);
            }
            using var circuit = session.Query(
                "SELECT failures, open_until FROM webhook_circuits WHERE org_id = ?1 AND key = ?2",
                orgId, WebhookKey.Of(orgId, webhook?.Endpoint ?? delivery.Endpoint));
            var (failures, openUntil) = circuit.Read() ? ((int)circuit.Number(0), circuit.Number(1)) : (0, 0L);
            return new WebhookWork(delivery, webhook, payload, failures, openUntil, own?.Headers);
        },
        cancellation);

    public Task<bool> PrepareAsync(Job job, string endpoint, byte[] payload, CancellationToken cancellation)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(payload));
        return store.WriteAsync(
            writes =>
            {
                var session = writes.Session;
                if (!SqliteJobStore.Holds(session, job))
                    return false;
                session.Execute(
                    "UPDATE webhook_deliveries SET endpoint = ?3, payload_hash = ?4 WHERE org_id = ?1 AND id = ?2", job.OrgId, job.Payload, endpoint, hash);
                session.Execute(
                    """
                    INSERT INTO webhook_payloads (org_id, message_id, delivery_id, body)
                    SELECT org_id, message_id, id, ?3 FROM webhook_deliveries WHERE org_id = ?1 AND id = ?2
                    ON CONFLICT DO NOTHING
                    """,
                    job.OrgId, job.Payload, payload);
                session.Execute("UPDATE jobs SET key = ?2 WHERE id = ?1", job.Id, WebhookKey.Of(job.OrgId, endpoint));
                return true;
            },
            cancellation, payload.Length);
    }

    public Task<bool> TryProbeAsync(string orgId, string endpoint, long now, long until, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "UPDATE webhook_circuits SET open_until = ?4 WHERE org_id = ?1 AND key = ?2 AND open_until <= ?3",
            orgId, WebhookKey.Of(orgId, endpoint), now, until) == 1,
        cancellation);

    public Task<bool> RecordAsync(Job job, string endpoint, WebhookOutcome outcome, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            if (!SqliteJobStore.Holds(writes.Session, job) || WebhookRow.Find(writes.Session, job.OrgId, job.Payload) is not { } delivery)
                return false;
            WebhookRecord.Write(writes, job, delivery, endpoint, outcome);
            return true;
        },
        cancellation);

    public Task<bool> AbandonAsync(Job job, string reason, long at, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            if (!SqliteJobStore.Complete(writes, job))
                return false;
            if (WebhookRow.Find(writes.Session, job.OrgId, job.Payload) is { } delivery)
                WebhookRecord.Abandon(writes, delivery, reason, at);
            return true;
        },
        cancellation);

    public Task<WebhookDelivery?> GetAsync(string orgId, string deliveryId, CancellationToken cancellation) =>
        store.ReadAsync(session => WebhookRow.Find(session, orgId, deliveryId), cancellation);

    public Task<IReadOnlyList<WebhookAttempt>> GetAttemptsAsync(string orgId, string deliveryId, CancellationToken cancellation) =>
        store.ReadAsync<IReadOnlyList<WebhookAttempt>>(
            session =>
            {
                var attempts = new List<WebhookAttempt>();
                using var row = session.Query(
                    """
                    SELECT attempt, status_code, error, latency_ms, attempted_at FROM webhook_attempts
                    WHERE org_id = ?1 AND delivery_id = ?2
                      AND message_id = (SELECT message_id FROM webhook_deliveries WHERE org_id = ?1 AND id = ?2)
                    ORDER BY attempt DESC LIMIT 200
                    """,
                    orgId, deliveryId);
                while (row.Read())
                    attempts.Add(new WebhookAttempt((int)row.Number(0), (int?)row.NumberOrNull(1), row.TextOrNull(2), row.Number(3), row.Number(4)));
                attempts.Reverse();
                return attempts;
            },
            cancellation);

    public Task<WebhookPage> ListAsync(WebhookQuery query, CancellationToken cancellation) => store.ReadSnapshotAsync(
        session =>
        {
            var (inbox, status, endpoint) = (query.InboxId, query.Status, query.Endpoint);
            var (at, id) = (query.Cursor?.At ?? long.MaxValue, query.Cursor?.Id ?? "");
            // Which index serves is said by naming its column outside of the filter.
            var sql = query.WebhookId is not null ? $"SELECT {WebhookRow.Columns} FROM webhook_deliveries WHERE org_id = ?1 AND webhook_id = ?9 AND {Filter} AND {Order}"
                : inbox is not null ? $"SELECT {WebhookRow.Columns} FROM webhook_deliveries WHERE org_id = ?1 AND inbox_id = ?2 AND {Filter} AND {Order}"
                : status is not null ? $"SELECT {WebhookRow.Columns} FROM webhook_deliveries WHERE org_id = ?1 AND status = ?3 AND {Filter} AND {Order}"
                : $"SELECT {WebhookRow.Columns} FROM webhook_deliveries WHERE org_id = ?1 AND {Filter} AND {Order}";
            var rows = new List<WebhookDelivery>();
            using (var row = session.Query(sql, query.OrgId, inbox, status, endpoint, at, id, query.Limit + 1L, query.Offset, query.WebhookId))
            {
                while (row.Read())
                    rows.Add(WebhookRow.Map(row));
            }

            var count = query.WebhookId is not null ? $"SELECT count(*) FROM webhook_deliveries WHERE org_id = ?1 AND webhook_id = ?9 AND {Filter}"
                : inbox is not null ? $"SELECT count(*) FROM webhook_deliveries WHERE org_id = ?1 AND inbox_id = ?2 AND {Filter}"
                : status is not null ? $"SELECT count(*) FROM webhook_deliveries WHERE org_id = ?1 AND status = ?3 AND {Filter}"
                : $"SELECT count(*) FROM webhook_deliveries WHERE org_id = ?1 AND {Filter}";
            var total = session.Number(count, query.OrgId, inbox, status, endpoint, default, default, default, default, query.WebhookId) ?? 0;
            return new WebhookPage(Page<WebhookDelivery>.From(rows, query.Limit, static delivery => new PageCursor(0, delivery.CreatedAt, delivery.Id)), total);
        },
        cancellation);

    public Task<WebhookRetry> RetryAsync(string orgId, string deliveryId, long now, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            if (WebhookRow.Find(writes.Session, orgId, deliveryId) is not { } delivery)
                return WebhookRetry.NotFound;
            if (delivery.Status == "delivered")
                return WebhookRetry.AlreadyDelivered;
            WebhookRow.Revive(writes, delivery, forced: true, now);
            return WebhookRetry.Retried;
        },
        cancellation);

    public Task<int> ReplayAsync(WebhookReplay replay, long now, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var found = new List<WebhookDelivery>();
            using (var row = writes.Session.Query(
                $"""
                SELECT {WebhookRow.Columns} FROM webhook_deliveries
                WHERE org_id = ?1 AND created_at >= ?2 AND created_at < ?3 AND (?4 IS NULL OR inbox_id = ?4)
                  AND status IN (SELECT value FROM json_each(?5)) AND (?7 IS NULL OR webhook_id = ?7)
                ORDER BY created_at, id LIMIT ?6
                """,
                replay.OrgId, replay.From, replay.To, replay.InboxId, SqliteJson.Write(replay.Statuses), replay.Limit, replay.WebhookId))
            {
                while (row.Read())
                    found.Add(WebhookRow.Map(row));
            }
            foreach (var delivery in found)
            {
                if (delivery.Status == "delivered")
                    WebhookRow.Owe(writes, delivery.Again(writes.Clock(replay.OrgId, now)), now);
                else
                    WebhookRow.Revive(writes, delivery, forced: false, now);
            }
            return found.Count;
        },
        cancellation);

    public Task<WebhookHealth> GetHealthAsync(string orgId, long since, CancellationToken cancellation) => store.ReadSnapshotAsync(
        session =>
        {
            var endpoints = new List<WebhookEndpointHealth>();
            using (var row = session.Query(
                """
                SELECT endpoint, count(*), sum(status = 'delivered'), sum(status = 'failed'), sum(status = 'dead'),
                       CAST(avg(CASE status WHEN 'delivered' THEN latency_ms END) * 1000 AS INTEGER), max(delivered_at), max(failed_at)
                FROM webhook_deliveries WHERE org_id = ?1 AND created_at >= ?2
                GROUP BY endpoint ORDER BY count(*) DESC, endpoint LIMIT ?3
                """,
                orgId, since, MostEndpoints))
            {
                while (row.Read())
                {
                    endpoints.Add(new WebhookEndpointHealth(
                        row.Text(0), row.Number(1), row.Number(2), row.Number(3), row.Number(4),
                        row.NumberOrNull(5) is { } average ? average / 1000d : null, row.NumberOrNull(6), row.NumberOrNull(7), OpenUntil: 0));
                }
            }
            for (var i = 0; i < endpoints.Count; i++)
            {
                var open = session.Number(
                    "SELECT open_until FROM webhook_circuits WHERE org_id = ?1 AND key = ?2", orgId, WebhookKey.Of(orgId, endpoints[i].Endpoint));
                endpoints[i] = endpoints[i] with { OpenUntil = open ?? 0 };
            }

            using var totals = session.Query(
                """
                SELECT coalesce(sum(status = 'pending'), 0), coalesce(sum(status = 'delivered'), 0), coalesce(sum(status = 'failed'), 0),
                       coalesce(sum(status = 'dead'), 0)
                FROM webhook_deliveries WHERE org_id = ?1
                """,
                orgId);
            totals.Read();
            return new WebhookHealth(endpoints, new WebhookTotals(totals.Number(0), totals.Number(1), totals.Number(2), totals.Number(3)));
        },
        cancellation);

    public Task SweepAsync(long endedBefore, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            var ended = new List<(string OrgId, string MessageId, string Id)>();
            using (var row = session.Query(
                """
                SELECT org_id, message_id, id FROM webhook_deliveries WHERE delivered_at <= ?1
                UNION ALL
                SELECT org_id, message_id, id FROM webhook_deliveries WHERE dead_at <= ?1
                LIMIT ?2
                """,
                endedBefore, SweptAtOnce))
            {
                while (row.Read())
                    ended.Add((row.Text(0), row.Text(1), row.Text(2)));
            }
            foreach (var (orgId, messageId, id) in ended)
            {
                session.Execute("DELETE FROM webhook_attempts WHERE org_id = ?1 AND message_id = ?2 AND delivery_id = ?3", orgId, messageId, id);
                session.Execute(WebhookRow.DeletePayload, orgId, messageId, id);
                session.Execute("DELETE FROM webhook_deliveries WHERE org_id = ?1 AND id = ?2", orgId, id);
            }
            return ended.Count;
        },
        cancellation);
}

using System.Security.Cryptography;

namespace Commune.Storage.Postgres;

internal sealed class PostgresWebhookStore(PostgresDatabase database, JobSignals signals) : IWebhookStore
{
    private const int SweptAtOnce = 5000;
    private const int MostEndpoints = 1000;

    public async Task<WebhookWork?> LoadAsync(string orgId, string deliveryId, CancellationToken cancellation)
    {
        var found = await database.FindAsync(
            $"""
            SELECT {WebhookRow.Columns},
                (SELECT i.webhook FROM inboxes i
                 WHERE i.org_id = d.org_id AND i.id = d.inbox_id AND i.deleted_at IS NULL AND d.webhook_id IS NULL),
                (SELECT p.body FROM webhook_payloads p WHERE p.org_id = d.org_id AND p.message_id = d.message_id AND p.delivery_id = d.id)
            FROM webhook_deliveries d
            WHERE d.org_id = $1 AND d.id = $2
            """,
            static row => new Tuple<WebhookDelivery, WebhookSetting?, byte[]?>(
                WebhookRow.Map(row), PostgresJson.ReadWebhook(row.TextOrNull(20)), row.IsDBNull(21) ? null : row.GetFieldValue<byte[]>(21)),
            cancellation, orgId, deliveryId);
        if (found is null)
            return null;
        var (delivery, webhook, payload) = found;
        var own = delivery.WebhookId is { } webhookId ? await PostgresWebhookEndpointStore.FindAsync(database, orgId, webhookId, cancellation) : null;
        webhook ??= own?.Setting;
        var circuit = await database.FindAsync(
            "SELECT failures, open_until FROM webhook_circuits WHERE org_id = $1 AND key = $2",
            static row => new Tuple<int, long>(row.GetInt32(0), row.GetInt64(1)),
            cancellation, orgId, WebhookKey.Of(orgId, webhook?.Endpoint ?? delivery.Endpoint));
        return new WebhookWork(delivery, webhook, payload, circuit?.Item1 ?? 0, circuit?.Item2 ?? 0, own?.Headers);
    }

    public Task<bool> PrepareAsync(Job job, string endpoint, byte[] payload, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            if (!await WebhookRow.HoldsAsync(session, job, cancellation))
                return false;
            await session.ExecuteAsync(
                """
                WITH body AS (
                    INSERT INTO webhook_payloads (org_id, message_id, delivery_id, body)
                    SELECT d.org_id, d.message_id, d.id, $5::bytea FROM webhook_deliveries d WHERE d.org_id = $1 AND d.id = $2
                    ON CONFLICT DO NOTHING
                ), keyed AS (
                    UPDATE jobs SET key = $6 WHERE id = $2 AND key <> $6
                )
                UPDATE webhook_deliveries SET endpoint = $3, payload_hash = $4 WHERE org_id = $1 AND id = $2
                """,
                cancellation, job.OrgId, job.Payload, endpoint, Convert.ToHexStringLower(SHA256.HashData(payload)), payload, WebhookKey.Of(job.OrgId, endpoint));
            return true;
        },
        cancellation);

    public async Task<bool> TryProbeAsync(string orgId, string endpoint, long now, long until, CancellationToken cancellation) =>
        await database.ExecuteAsync(
            "UPDATE webhook_circuits SET open_until = $4 WHERE org_id = $1 AND key = $2 AND open_until <= $3",
            cancellation, orgId, WebhookKey.Of(orgId, endpoint), now, until) == 1;

    public async Task<bool> RecordAsync(Job job, string endpoint, WebhookOutcome outcome, CancellationToken cancellation)
    {
        var recorded = await database.TransactAsync(
            async session =>
            {
                // The organisation's row comes first when events may follow (OrgHead): after a failure, and when a circuit closes.
                var mayTell = !outcome.Succeeded || await session.ExistsAsync(
                    "SELECT 1 FROM webhook_circuits WHERE org_id = $1 AND key = $2", cancellation, job.OrgId, WebhookKey.Of(job.OrgId, endpoint));
                var head = mayTell ? await session.LockOrganisationAsync(job.OrgId, outcome.At, cancellation) : null;
                if (!await WebhookRow.HoldsAsync(session, job, cancellation)
                    || await WebhookRow.HoldAsync(session, job.OrgId, job.Payload, cancellation) is not { } delivery)
                    return false;
                await new WebhookRecord(session, head, delivery, endpoint, cancellation).WriteAsync(job, outcome);
                return true;
            },
            cancellation);
        if (recorded)
            signals.Pulse(JobKind.Webhook);
        return recorded;
    }

    public Task<bool> AbandonAsync(Job job, string reason, long at, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            var head = await session.LockOrganisationAsync(job.OrgId, at, cancellation);
            if (await session.ExecuteAsync("DELETE FROM jobs WHERE id = $1 AND lease = $2", cancellation, job.Id, job.Lease) == 0)
                return false;
            if (await WebhookRow.HoldAsync(session, job.OrgId, job.Payload, cancellation) is { } delivery)
                await new WebhookRecord(session, head, delivery, delivery.Endpoint, cancellation).AbandonAsync(reason, at);
            return true;
        },
        cancellation);

    public Task<WebhookDelivery?> GetAsync(string orgId, string deliveryId, CancellationToken cancellation) => database.FindAsync(
        $"SELECT {WebhookRow.Columns} FROM webhook_deliveries WHERE org_id = $1 AND id = $2", WebhookRow.Map, cancellation, orgId, deliveryId);

    public async Task<IReadOnlyList<WebhookAttempt>> GetAttemptsAsync(string orgId, string deliveryId, CancellationToken cancellation)
    {
        var attempts = await database.QueryAsync(
            """
            SELECT attempt, status_code, error, latency_ms, attempted_at
            FROM webhook_attempts
            WHERE org_id = $1 AND delivery_id = $2
                AND message_id = (SELECT message_id FROM webhook_deliveries WHERE org_id = $1 AND id = $2)
            ORDER BY attempt DESC
            LIMIT 200
            """,
            static row => new WebhookAttempt(row.GetInt32(0), row.IntOrNull(1), row.TextOrNull(2), row.GetInt64(3), row.GetInt64(4)),
            cancellation, orgId, deliveryId);
        attempts.Reverse();
        return attempts;
    }

    public async Task<WebhookPage> ListAsync(WebhookQuery query, CancellationToken cancellation)
    {
        var filter = new PostgresFilter("org_id", query.OrgId);
        filter.AddIfGiven("inbox_id =", query.InboxId);
        filter.AddIfGiven("status =", query.Status);
        filter.AddIfGiven("endpoint =", query.Endpoint);
        filter.AddIfGiven("webhook_id =", query.WebhookId);
        var total = await database.QueryAsync(
            $"SELECT count(*) FROM webhook_deliveries WHERE {filter}", static row => row.GetInt64(0), cancellation, filter.Values);
        if (query.Cursor is { } cursor)
            filter.Add($"(created_at, id) < ({filter.Next(cursor.At)}, {filter.Next(cursor.Id)})");
        var rows = await database.QueryAsync(
            $"""
            SELECT {WebhookRow.Columns}
            FROM webhook_deliveries
            WHERE {filter}
            ORDER BY created_at DESC, id DESC
            LIMIT {filter.Next(query.Limit + 1L)} OFFSET {filter.Next((long)query.Offset)}
            """,
            WebhookRow.Map, cancellation, filter.Values);
        return new WebhookPage(Page<WebhookDelivery>.From(rows, query.Limit, static delivery => new PageCursor(0, delivery.CreatedAt, delivery.Id)), total[0]);
    }

    public async Task<WebhookRetry> RetryAsync(string orgId, string deliveryId, long now, CancellationToken cancellation)
    {
        var result = await database.TransactAsync(
            async session =>
            {
                if (await WebhookRow.HoldAsync(session, orgId, deliveryId, cancellation) is not { } delivery)
                    return WebhookRetry.NotFound;
                if (delivery.Status == "delivered")
                    return WebhookRetry.AlreadyDelivered;
                await WebhookRow.ReviveAsync(session, delivery, forced: true, now, cancellation);
                await AnnounceAsync(session, cancellation);
                return WebhookRetry.Retried;
            },
            cancellation);
        signals.Pulse(JobKind.Webhook);
        return result;
    }

    public async Task<int> ReplayAsync(WebhookReplay replay, long now, CancellationToken cancellation)
    {
        var count = await database.TransactAsync(
            async session =>
            {
                var head = await session.LockOrganisationAsync(replay.OrgId, now, cancellation);
                var found = await session.QueryAsync(
                    $"""
                    SELECT {WebhookRow.Columns}
                    FROM webhook_deliveries
                    WHERE org_id = $1 AND created_at >= $2 AND created_at < $3 AND ($4::text IS NULL OR inbox_id = $4) AND status = ANY ($5)
                        AND ($7::text IS NULL OR webhook_id = $7)
                    ORDER BY created_at, id
                    LIMIT $6
                    FOR UPDATE
                    """,
                    WebhookRow.Map, cancellation, replay.OrgId, replay.From, replay.To, replay.InboxId, replay.Statuses.ToArray(), (long)replay.Limit, replay.WebhookId);
                foreach (var delivery in found)
                {
                    if (delivery.Status != "delivered")
                    {
                        await WebhookRow.ReviveAsync(session, delivery, forced: false, now, cancellation);
                        continue;
                    }
                    var again = delivery.Again(head!.Now);
                    await WebhookRow.OweAsync(session, again, cancellation);
                    await WebhookRow.AddJobAsync(session, again.Job(now), cancellation);
                }
                await AnnounceAsync(session, cancellation);
                return found.Count;
            },
            cancellation);
        signals.Pulse(JobKind.Webhook);
        return count;
    }

    public async Task<WebhookHealth> GetHealthAsync(string orgId, long since, CancellationToken cancellation)
    {
        var endpoints = await database.QueryAsync(
            """
            SELECT endpoint, count(*), count(*) FILTER (WHERE status = 'delivered'), count(*) FILTER (WHERE status = 'failed'),
                count(*) FILTER (WHERE status = 'dead'),
                (avg(latency_ms) FILTER (WHERE status = 'delivered') * 1000)::bigint, max(delivered_at), max(failed_at)
            FROM webhook_deliveries
            WHERE org_id = $1 AND created_at >= $2
            GROUP BY endpoint
            ORDER BY count(*) DESC, endpoint
            LIMIT $3
            """,
            static row => new WebhookEndpointHealth(
                row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4),
                row.LongOrNull(5) is { } average ? average / 1000d : null, row.LongOrNull(6), row.LongOrNull(7), OpenUntil: 0),
            cancellation, orgId, since, (long)MostEndpoints);
        var open = (await database.QueryAsync(
            "SELECT key, open_until FROM webhook_circuits WHERE org_id = $1 AND key = ANY ($2)",
            static row => (Key: row.GetString(0), Until: row.GetInt64(1)),
            cancellation, orgId, endpoints.Select(endpoint => WebhookKey.Of(orgId, endpoint.Endpoint)).ToArray()))
            .ToDictionary(static circuit => circuit.Key, static circuit => circuit.Until, StringComparer.Ordinal);
        var totals = await database.QueryAsync(
            """
            SELECT count(*) FILTER (WHERE status = 'pending'), count(*) FILTER (WHERE status = 'delivered'),
                count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'dead')
            FROM webhook_deliveries
            WHERE org_id = $1
            """,
            static row => new WebhookTotals(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), cancellation, orgId);
        return new WebhookHealth(
            [.. endpoints.Select(endpoint => endpoint with { OpenUntil = open.GetValueOrDefault(WebhookKey.Of(orgId, endpoint.Endpoint)) })], totals[0]);
    }

    public Task SweepAsync(long endedBefore, CancellationToken cancellation) => database.ExecuteAsync(
        """
        WITH ended AS (
            (SELECT org_id, message_id, id FROM webhook_deliveries WHERE delivered_at <= $1 LIMIT $2)
            UNION ALL
            (SELECT org_id, message_id, id FROM webhook_deliveries WHERE dead_at <= $1 LIMIT $2)
        ), attempts AS (
            DELETE FROM webhook_attempts a USING ended e WHERE a.org_id = e.org_id AND a.message_id = e.message_id AND a.delivery_id = e.id
        ), payloads AS (
            DELETE FROM webhook_payloads p USING ended e WHERE p.org_id = e.org_id AND p.message_id = e.message_id AND p.delivery_id = e.id
        )
        DELETE FROM webhook_deliveries d USING ended e WHERE d.org_id = e.org_id AND d.id = e.id
        """,
        cancellation, endedBefore, (long)SweptAtOnce);

    private static Task AnnounceAsync(PostgresSession session, CancellationToken cancellation) =>
        session.ExecuteAsync(JobListener.Announcement, cancellation, JobKind.Webhook);
}

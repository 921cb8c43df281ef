using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresExtractionStore(PostgresDatabase database, JobSignals signals) : IExtractionStore
{
    private const string Columns =
        "org_id, inbox_id, id, status, schema_version, total, done, failed, cursor_at, cursor_id, before, started_at, ended_at, error";

    public async Task<bool> RecordAsync(Job job, MessageExtraction extraction, long at, CancellationToken cancellation)
    {
        var (recorded, released) = await database.TransactAsync(
            async session =>
            {
                var head = await session.LockOrganisationAsync(extraction.OrgId, at, cancellation);
                if (await session.ExecuteAsync("DELETE FROM jobs WHERE id = $1 AND lease = $2", cancellation, job.Id, job.Lease) == 0)
                    return (false, false);
                var (_, due) = await RecordAsync(session, head, extraction, at, cancellation);
                return (true, due);
            },
            cancellation);
        await AnnounceAsync(released, cancellation);
        return recorded;
    }

    public async Task<bool> RecordAsync(MessageExtraction extraction, long at, CancellationToken cancellation)
    {
        var (recorded, released) = await database.TransactAsync(
            async session => await RecordAsync(
                session, await session.LockOrganisationAsync(extraction.OrgId, at, cancellation), extraction, at, cancellation),
            cancellation);
        await AnnounceAsync(released, cancellation);
        return recorded;
    }

    public async Task<ExtractionBackfill> StartBackfillAsync(string orgId, string inboxId, int schemaVersion, long now, CancellationToken cancellation)
    {
        var begun = await database.TransactAsync(
            async session =>
            {
                // The organisation's row: two that start at once find one another, and no mail of before this time is still to come.
                var head = await session.LockOrganisationAsync(orgId, now, cancellation);
                var known = await session.FindAsync(
                    $"SELECT {Columns} FROM extraction_backfills WHERE org_id = $1 AND inbox_id = $2", Map, cancellation, orgId, inboxId);
                if (known is { Status: ExtractionBackfill.Running })
                    return known;
                var before = head?.Now ?? now;
                var total = (await session.QueryAsync(
                    "SELECT count(*) FROM messages WHERE org_id = $1 AND inbox_id = $2 AND created_at < $3 AND direction = 'inbound'",
                    static row => row.GetInt64(0), cancellation, orgId, inboxId, before))[0];
                var made = ExtractionBackfill.Begin(orgId, inboxId, schemaVersion, total, before, now, known);
                await WriteAsync(session, made, cancellation);
                await WebhookRow.AddJobAsync(session, new NewJob(made.Id, JobKind.ExtractBackfill, inboxId, orgId, inboxId, now), cancellation);
                return made;
            },
            cancellation);
        signals.Pulse(JobKind.ExtractBackfill);
        await database.ExecuteAsync(JobListener.Announcement, cancellation, JobKind.ExtractBackfill);
        return begun;
    }

    public Task<ExtractionBackfill?> FindBackfillAsync(string orgId, string inboxId, CancellationToken cancellation) => database.FindAsync(
        $"SELECT {Columns} FROM extraction_backfills WHERE org_id = $1 AND inbox_id = $2", Map, cancellation, orgId, inboxId);

    public async Task<bool> AdvanceBackfillAsync(Job job, ExtractionBackfill backfill, long? nextAt, CancellationToken cancellation)
    {
        var held = await database.TransactAsync(
            async session =>
            {
                var kept = nextAt is { } due
                    ? await session.ExecuteAsync(
                        "UPDATE jobs SET due_at = $3, lease = NULL, lease_until = 0 WHERE id = $1 AND lease = $2", cancellation, job.Id, job.Lease, due)
                    : await session.ExecuteAsync("DELETE FROM jobs WHERE id = $1 AND lease = $2", cancellation, job.Id, job.Lease);
                if (kept == 0)
                    return false;
                await WriteAsync(session, backfill, cancellation);
                return true;
            },
            cancellation);
        signals.Pulse(JobKind.ExtractBackfill);
        return held;
    }

    private static async Task<(bool Recorded, bool Released)> RecordAsync(
        PostgresSession session, OrgHead? head, MessageExtraction extraction, long at, CancellationToken cancellation)
    {
        var message = await session.FindAsync(
            """
            SELECT inbox_id, thread_id, extracted_data, extraction FROM messages
            WHERE org_id = $1 AND id = $2 AND direction = 'inbound' FOR UPDATE
            """,
            static row => Tuple.Create(row.GetString(0), row.GetString(1), row.TextOrNull(2), row.TextOrNull(3)),
            cancellation, extraction.OrgId, extraction.MessageId);
        if (message is null || head is null)
            return (false, false);
        var (data, info) = extraction.Over(message.Item3, message.Item4);
        await session.ExecuteAsync(
            "UPDATE messages SET extracted_data = $3, extraction = $4 WHERE org_id = $1 AND id = $2",
            cancellation, extraction.OrgId, extraction.MessageId, data, info);
        await session.AppendAsync(
            head, head.Append("extraction.completed", message.Item1, message.Item2, extraction.MessageId, extraction.EventData), cancellation);
        // One that a worker is just now claiming is due already.
        var released = await session.ExecuteAsync(
            """
            UPDATE jobs SET due_at = $3
            WHERE id IN (
                SELECT j.id FROM jobs j
                JOIN webhook_deliveries d ON d.org_id = $1 AND d.message_id = $2 AND d.id = j.id AND d.status = 'pending' AND d.attempts = 0
                WHERE j.kind = $4 AND j.lease IS NULL AND j.due_at > $3
                FOR UPDATE OF j SKIP LOCKED)
            """,
            cancellation, extraction.OrgId, extraction.MessageId, at, JobKind.Webhook);
        return (true, released > 0);
    }

    private async Task AnnounceAsync(bool released, CancellationToken cancellation)
    {
        if (!released)
            return;
        signals.Pulse(JobKind.Webhook);
        await database.ExecuteAsync(JobListener.Announcement, cancellation, JobKind.Webhook);
    }

    private static ExtractionBackfill Map(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), (int)row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7),
        row.GetString(9).Length == 0 ? null : new PageCursor(0, row.GetInt64(8), row.GetString(9)), row.GetInt64(10), row.GetInt64(11), row.LongOrNull(12),
        row.TextOrNull(13));

    private static Task WriteAsync(PostgresSession session, ExtractionBackfill backfill, CancellationToken cancellation) => session.ExecuteAsync(
        $"""
        INSERT INTO extraction_backfills ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (org_id, inbox_id) DO UPDATE
        SET id = excluded.id, status = excluded.status, schema_version = excluded.schema_version, total = excluded.total, done = excluded.done,
            failed = excluded.failed, cursor_at = excluded.cursor_at, cursor_id = excluded.cursor_id, before = excluded.before,
            started_at = excluded.started_at, ended_at = excluded.ended_at, error = excluded.error
        """,
        cancellation, backfill.OrgId, backfill.InboxId, backfill.Id, backfill.Status, (long)backfill.SchemaVersion, backfill.Total, backfill.Done, backfill.Failed,
        backfill.Cursor?.At ?? 0, backfill.Cursor?.Id ?? "", backfill.Before, backfill.StartedAt, backfill.EndedAt, backfill.Error);
}

using System.Security.Cryptography;

namespace Commune.Storage.Postgres;

internal sealed class PostgresDeletionStore(PostgresDatabase database) : IDeletionStore
{
    public async Task<DeletionCreation> CreateAsync(
        DeletionTarget target, string id, byte[] tokenHash, byte[] requestHash, long requestedAt, long confirmBy, CancellationToken cancellation,
        AuditEntry? audit = null)
    {
        // Whatever is stored from now on is newer than this, so the preview counts exactly what goes.
        var clock = await database.TransactAsync(
            async session =>
            {
                var now = (await session.LockOrganisationAsync(target.OrgId, requestedAt, cancellation))?.Now ?? requestedAt;
                await session.ExecuteAsync("UPDATE org_heads SET clock = $2 WHERE org_id = $1", cancellation, target.OrgId, now);
                return now;
            },
            cancellation);
        var cutoff = target.Scope == DeletionScope.Messages ? Math.Min(target.Before ?? long.MaxValue, clock) : long.MaxValue;
        return await database.TransactAsync(
            async session =>
            {
                await session.LockOrganisationAsync(target.OrgId, requestedAt, cancellation);
                if (target.InboxId is { } inboxId && !await session.ExistsAsync(
                    "SELECT 1 FROM inboxes WHERE org_id = $1 AND id = $2", cancellation, target.OrgId, inboxId))
                {
                    return DeletionCreation.UnknownInbox;
                }
                if (await session.ExistsAsync(
                    "SELECT 1 FROM deletion_requests WHERE org_id = $1 AND scope = 'organization' AND status = 'executing'", cancellation, target.OrgId))
                {
                    return DeletionCreation.OrganizationExecuting;
                }
                var preview = await PostgresDeletionPreview.CountAsync(session, target, cutoff, cancellation);
                await session.ExecuteAsync(
                    """
                    UPDATE deletion_requests SET status = 'expired'
                    WHERE org_id = $1 AND status = 'pending' AND scope = $2
                        AND inbox_id IS NOT DISTINCT FROM $3::text AND before IS NOT DISTINCT FROM $4::bigint
                    """,
                    cancellation, target.OrgId, target.Scope, target.InboxId, target.Before);
                await session.ExecuteAsync(
                    """
                    INSERT INTO deletion_requests (
                        org_id, id, scope, inbox_id, before, cutoff, status, token_hash, request_hash, preview, phase, place, requested_at, confirm_by)
                    VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $9, 0, '', $10, $11)
                    """,
                    cancellation, target.OrgId, id, target.Scope, target.InboxId, target.Before, cutoff, tokenHash, requestHash, preview.ToJson(),
                    requestedAt, confirmBy);
                await session.AuditAsync(audit, cancellation);
                return DeletionCreation.Created;
            },
            cancellation);
    }

    public Task<DeletionRequest?> GetAsync(string orgId, string id, CancellationToken cancellation) =>
        database.FindAsync(
            """
            SELECT org_id, id, scope, inbox_id, before, status, request_hash, preview, deleted, requested_at, confirm_by, confirmed_at, completed_at, error
            FROM deletion_requests
            WHERE org_id = $1 AND id = $2
            """,
            static row => new DeletionRequest(
                new DeletionTarget(row.GetString(0), row.GetString(2), row.TextOrNull(3), row.LongOrNull(4)), row.GetString(1), row.GetString(5),
                row.GetFieldValue<byte[]>(6), DeletionCounts.Parse(row.GetString(7)), row.IsDBNull(8) ? null : DeletionCounts.Parse(row.GetString(8)),
                row.GetInt64(9), row.GetInt64(10), row.LongOrNull(11), row.LongOrNull(12), row.TextOrNull(13)),
            cancellation, orgId, id);

    public Task<DeletionConfirmation> ConfirmAsync(
        string orgId, string id, byte[] tokenHash, long now, long jobDue, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                // The organisation's row: mail that is being stored comes either before this or finds the inbox shut.
                await session.LockOrganisationAsync(orgId, now, cancellation);
                var found = await session.QueryAsync(
                    "SELECT token_hash, confirm_by, status FROM deletion_requests WHERE org_id = $1 AND id = $2 FOR UPDATE",
                    static row => (Hash: row.GetFieldValue<byte[]>(0), ConfirmBy: row.GetInt64(1), Status: row.GetString(2)), cancellation, orgId, id);
                if (found.Count == 0)
                    return DeletionConfirmation.NotFound;
                var (hash, confirmBy, status) = found[0];
                if (!CryptographicOperations.FixedTimeEquals(hash, tokenHash))
                    return DeletionConfirmation.WrongToken;
                if (status == "pending" && now > confirmBy)
                {
                    await session.ExecuteAsync(
                        "UPDATE deletion_requests SET status = 'expired' WHERE org_id = $1 AND id = $2", cancellation, orgId, id);
                    return DeletionConfirmation.Expired;
                }
                if (status != "pending")
                    return DeletionConfirmation.NotPending;

                await session.AuditAsync(audit, cancellation);
                var run = (await PostgresDeletionRun.LoadAsync(session, orgId, id, cancellation))!;
                await run.CloseAsync(now, cancellation);
                await session.ExecuteAsync(
                    "UPDATE deletion_requests SET status = 'executing', confirmed_at = $3, deleted = $4 WHERE org_id = $1 AND id = $2",
                    cancellation, orgId, id, now, run.Deleted.ToJson());
                await session.ExecuteAsync(
                    """
                    INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease_until)
                    VALUES ($1, $2, $3, $3, $4, 0, $5, 0)
                    """,
                    cancellation, EntityId.New("job_"), JobKind.DeleteData, orgId, id, jobDue);
                return DeletionConfirmation.Executing;
            },
            cancellation);

    public Task<bool> StepAsync(string orgId, string id, long now, CancellationToken cancellation) =>
        database.TransactAsync(
            async session =>
            {
                // The organisation's row before anything else, as everybody who writes threads does; it is gone after the last step of all.
                await session.LockOrganisationAsync(orgId, now, cancellation);
                if (await PostgresDeletionRun.LoadAsync(session, orgId, id, cancellation) is not { Status: "executing" } run)
                    return true;
                var done = await run.StepAsync(cancellation);
                await session.ExecuteAsync(
                    """
                    UPDATE deletion_requests SET phase = $3, place = $4, deleted = $5, status = $6, completed_at = $7
                    WHERE org_id = $1 AND id = $2
                    """,
                    cancellation, orgId, id, run.Phase, run.Place, run.Deleted.ToJson(), done ? "completed" : "executing", done ? now : (long?)null);
                return done;
            },
            cancellation);

    public Task FailAsync(string orgId, string id, string error, CancellationToken cancellation) =>
        database.ExecuteAsync(
            "UPDATE deletion_requests SET status = 'failed', error = $3 WHERE org_id = $1 AND id = $2 AND status = 'executing'",
            cancellation, orgId, id, error);

    public async Task<IReadOnlyList<string>> ListGarbageAsync(string after, int limit, CancellationToken cancellation) =>
        await database.QueryAsync(
            "SELECT key FROM blob_garbage WHERE key > $1 ORDER BY key LIMIT $2", static row => row.GetString(0), cancellation, after, (long)limit);

    public Task<bool> IsBlobUsedAsync(string key, CancellationToken cancellation) =>
        database.ExistsAsync(
            """
            SELECT 1 FROM raw_messages WHERE sha256 = $1 AND inline IS NULL
            UNION ALL
            SELECT 1 FROM attachments WHERE blob_key = $2
            LIMIT 1
            """,
            cancellation, Convert.FromHexString(key), key);

    public Task ForgetGarbageAsync(string key, CancellationToken cancellation) =>
        database.ExecuteAsync("DELETE FROM blob_garbage WHERE key = $1", cancellation, key);
}

using System.Security.Cryptography;

namespace Commune.Storage.Sqlite;

internal sealed class SqliteDeletionStore(SqliteStore store) : IDeletionStore
{
    private const string Columns =
        """
        org_id, id, scope, inbox_id, before, status, request_hash, preview, deleted, requested_at, confirm_by, confirmed_at, completed_at, error
        """;

    public async Task<DeletionCreation> CreateAsync(
        DeletionTarget target, string id, byte[] tokenHash, byte[] requestHash, long requestedAt, long confirmBy, CancellationToken cancellation,
        AuditEntry? audit = null)
    {
        // Whatever is stored from now on is newer than this, so the preview, which is read beside the writer, counts exactly what goes.
        var clock = await store.WriteAsync(writes => writes.Clock(target.OrgId, requestedAt), cancellation);
        var cutoff = target.Scope == DeletionScope.Messages ? Math.Min(target.Before ?? long.MaxValue, clock) : long.MaxValue;
        var preview = await store.ReadSnapshotAsync(session => SqliteDeletionPreview.Count(session, target, cutoff), cancellation);
        return await store.WriteAsync(
            writes =>
            {
                var session = writes.Session;
                if (target.InboxId is { } inboxId && !session.Any("SELECT 1 FROM inboxes WHERE org_id = ?1 AND id = ?2", target.OrgId, inboxId))
                    return DeletionCreation.UnknownInbox;
                if (session.Any(
                    "SELECT 1 FROM deletion_requests WHERE org_id = ?1 AND scope = 'organization' AND status = 'executing'", target.OrgId))
                {
                    return DeletionCreation.OrganizationExecuting;
                }
                session.Execute(
                    """
                    UPDATE deletion_requests SET status = 'expired'
                    WHERE org_id = ?1 AND status = 'pending' AND scope = ?2 AND inbox_id IS ?3 AND before IS ?4
                    """,
                    target.OrgId, target.Scope, target.InboxId, target.Before);
                session.Execute(
                    """
                    INSERT INTO deletion_requests (
                      org_id, id, scope, inbox_id, before, cutoff, status, token_hash, request_hash, preview, phase, place, requested_at, confirm_by)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', ?7, ?8, ?9, 0, '', ?10, ?11)
                    """,
                    target.OrgId, id, target.Scope, target.InboxId, target.Before, cutoff, tokenHash, requestHash, preview.ToJson(), requestedAt, confirmBy);
                writes.Audit(audit);
                return DeletionCreation.Created;
            },
            cancellation);
    }

    public Task<DeletionRequest?> GetAsync(string orgId, string id, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query($"SELECT {Columns} FROM deletion_requests WHERE org_id = ?1 AND id = ?2", orgId, id);
            return row.Read()
                ? new DeletionRequest(
                    new DeletionTarget(row.Text(0), row.Text(2), row.TextOrNull(3), row.NumberOrNull(4)), row.Text(1), row.Text(5), row.Bytes(6),
                    DeletionCounts.Parse(row.Text(7)), row.IsNull(8) ? null : DeletionCounts.Parse(row.Text(8)), row.Number(9), row.Number(10),
                    row.NumberOrNull(11), row.NumberOrNull(12), row.TextOrNull(13))
                : null;
        },
        cancellation);

    public Task<DeletionConfirmation> ConfirmAsync(
        string orgId, string id, byte[] tokenHash, long now, long jobDue, CancellationToken cancellation, AuditEntry? audit = null) =>
        store.WriteAsync(
            writes =>
            {
                var session = writes.Session;
                byte[] expected;
                long confirmBy;
                string status;
                using (var row = session.Query(
                    "SELECT token_hash, confirm_by, status FROM deletion_requests WHERE org_id = ?1 AND id = ?2", orgId, id))
                {
                    if (!row.Read())
                        return DeletionConfirmation.NotFound;
                    (expected, confirmBy, status) = (row.Bytes(0), row.Number(1), row.Text(2));
                }
                if (!CryptographicOperations.FixedTimeEquals(expected, tokenHash))
                    return DeletionConfirmation.WrongToken;
                if (status == "pending" && now > confirmBy)
                {
                    session.Execute("UPDATE deletion_requests SET status = 'expired' WHERE org_id = ?1 AND id = ?2", orgId, id);
                    return DeletionConfirmation.Expired;
                }
                if (status != "pending")
                    return DeletionConfirmation.NotPending;

                var run = SqliteDeletionRun.Load(session, orgId, id)!;
                writes.Audit(audit);
                run.Close(writes);
                session.Execute(
                    "UPDATE deletion_requests SET status = 'executing', confirmed_at = ?3, deleted = ?4 WHERE org_id = ?1 AND id = ?2",
                    orgId, id, now, run.Deleted.ToJson());
                writes.AddJob(EntityId.New("job_"), JobKind.DeleteData, orgId, orgId, id, jobDue);
                return DeletionConfirmation.Executing;
            },
            cancellation);

    public Task<bool> StepAsync(string orgId, string id, long now, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            if (SqliteDeletionRun.Load(writes.Session, orgId, id) is not { Status: "executing" } run)
                return true;
            var done = run.Step(writes);
            writes.Session.Execute(
                """
                UPDATE deletion_requests SET phase = ?3, place = ?4, deleted = ?5, status = ?6, completed_at = ?7
                WHERE org_id = ?1 AND id = ?2
                """,
                orgId, id, run.Phase, run.Place, run.Deleted.ToJson(), done ? "completed" : "executing", done ? now : (long?)null);
            return done;
        },
        cancellation);

    public Task FailAsync(string orgId, string id, string error, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "UPDATE deletion_requests SET status = 'failed', error = ?3 WHERE org_id = ?1 AND id = ?2 AND status = 'executing'", orgId, id, error),
        cancellation);

    public Task<IReadOnlyList<string>> ListGarbageAsync(string after, int limit, CancellationToken cancellation) =>
        store.ReadAsync<IReadOnlyList<string>>(
            session =>
            {
                var keys = new List<string>();
                using var row = session.Query("SELECT key FROM blob_garbage WHERE key > ?1 ORDER BY key LIMIT ?2", after, limit);
                while (row.Read())
                    keys.Add(row.Text(0));
                return keys;
            },
            cancellation);

    public Task<bool> IsBlobUsedAsync(string key, CancellationToken cancellation) => store.ReadAsync(
        session => session.Any("SELECT 1 FROM raw_messages WHERE sha256 = ?1 AND inline IS NULL LIMIT 1", Convert.FromHexString(key))
            || session.Any("SELECT 1 FROM attachments WHERE blob_key = ?1 LIMIT 1", key),
        cancellation);

    public Task ForgetGarbageAsync(string key, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute("DELETE FROM blob_garbage WHERE key = ?1", key), cancellation);
}

namespace Commune.Storage.Sqlite;

internal sealed class SqliteOutboundStore(SqliteStore store) : IOutboundStore
{
    /// <summary>Contract section 5: a key is remembered for 24 hours.</summary>
    internal const long IdempotencyMs = 24L * 60 * 60 * 1000;

    public Task<QueueResult> QueueAsync(OutboundMail mail, CancellationToken cancellation)
    {
        var prepared = new PreparedOutbound(mail);
        var bytes = (mail.Raw.Inline?.Length ?? 0) + mail.Content.Length + (mail.ContentHtml?.Length ?? 0);
        return store.WriteAsync(prepared.Queue, cancellation, bytes);
    }

    public Task<QueueResult?> FindIdempotentAsync(string orgId, string key, byte[] fingerprint, long now, CancellationToken cancellation) =>
        store.ReadDurableAsync(session => FindIdempotent(session, orgId, key, fingerprint, now), cancellation);

    public Task<SendUsage> GetUsageAsync(string orgId, long now, CancellationToken cancellation) =>
        store.ReadSnapshotAsync(session => SendWindows.Read(session, orgId, now), cancellation);

    public Task<OutboundEnvelope?> LoadAsync(DeliverPayload payload, CancellationToken cancellation, RawMessage? known = null) => store.ReadSnapshotAsync(
        session =>
        {
            var recipients = Waiting(session, payload);
            if (recipients.Count == 0 || (known ?? SqliteMessageStore.GetRaw(session, payload.OrgId, payload.MessageId)) is not { } raw)
                return null;
            using var row = session.Query(
                """
                SELECT m.inbox_id, m.smtp_message_id, m.sender, coalesce(m.queued_at, m.created_at), d.tls FROM messages m
                LEFT JOIN domains d ON d.org_id = m.org_id AND d.name = lower(substr(m.sender, instr(m.sender, '@') + 1))
                WHERE m.org_id = ?1 AND m.id = ?2
                """,
                payload.OrgId, payload.MessageId);
            return row.Read()
                ? new OutboundEnvelope(
                    payload.OrgId, payload.MessageId, row.Text(0), row.Text(1), row.Text(2), raw, row.Number(3), recipients)
                {
                    Tls = row.TextOrNull(4) ?? DomainTls.Opportunistic,
                }
                : null;
        },
        cancellation);

    public Task<bool> RecordAsync(
        Job job, DeliverPayload payload, IReadOnlyList<RecipientOutcome> outcomes, long? retryAt, long at, CancellationToken cancellation) =>
        store.WriteAsync(
            writes =>
            {
                if (!SqliteJobStore.Holds(writes.Session, job))
                    return false;
                RecordedOutcomes.Write(writes, payload, outcomes, retryAt, at);
                return retryAt is { } due && Waiting(writes.Session, payload).Count > 0
                    ? SqliteJobStore.Reschedule(writes, job, due)
                    : SqliteJobStore.Complete(writes, job);
            },
            cancellation);

    public Task<IReadOnlyList<RecipientState>> GetRecipientsAsync(string orgId, string messageId, CancellationToken cancellation) =>
        store.ReadAsync<IReadOnlyList<RecipientState>>(
            session =>
            {
                var recipients = new List<RecipientState>();
                using var row = session.Query(
                    """
                    SELECT address, status, attempts, last_code, last_detail, next_attempt_at, updated_at FROM recipients
                    WHERE org_id = ?1 AND message_id = ?2 ORDER BY address
                    """,
                    orgId, messageId);
                while (row.Read())
                {
                    recipients.Add(new RecipientState(
                        row.Text(0), row.Text(1), (int)row.Number(2), (int?)row.NumberOrNull(3), row.TextOrNull(4),
                        row.NumberOrNull(5), row.Number(6)));
                }
                return recipients;
            },
            cancellation);

    public Task<Page<RecipientAttempt>> ListAttemptsAsync(
        string orgId, string messageId, int limit, PageCursor? cursor, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            var attempts = new List<RecipientAttempt>();
            using var row = session.Query(
                """
                SELECT id, recipient, at, outcome, code, reply, host, address, tls_version, tls_cipher, tls_verified FROM attempts
                WHERE org_id = ?1 AND message_id = ?2 AND id > ?3 ORDER BY id LIMIT ?4
                """,
                orgId, messageId, cursor?.Id ?? "", limit + 1L);
            while (row.Read())
            {
                attempts.Add(new RecipientAttempt(
                    row.Text(0), row.Text(1), row.Number(2), row.Text(3), (int?)row.NumberOrNull(4), row.Text(5),
                    new AttemptWay(row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8), row.TextOrNull(9), row.Flag(10))));
            }
            return Page<RecipientAttempt>.From(attempts, limit, static attempt => new PageCursor(0, attempt.At, attempt.Id));
        },
        cancellation);

    internal static QueueResult? FindIdempotent(SqliteSession session, string orgId, string key, byte[] fingerprint, long now)
    {
        using var row = session.Query(
            "SELECT fingerprint, status, body FROM idempotency WHERE org_id = ?1 AND key = ?2 AND created_at > ?3",
            orgId, key, now - IdempotencyMs);
        if (!row.Read())
            return null;
        return row.Span(0).SequenceEqual(fingerprint)
            ? new QueueResult.Replayed((int)row.Number(1), row.Bytes(2))
            : new QueueResult.KeyReused();
    }

    private static List<string> Waiting(SqliteSession session, DeliverPayload payload)
    {
        var recipients = new List<string>();
        using var row = session.Query(
            """
            SELECT address FROM recipients
            WHERE org_id = ?1 AND message_id = ?2 AND destination = ?3 AND status IN ('queued', 'deferred')
            ORDER BY address
            """,
            payload.OrgId, payload.MessageId, payload.Destination);
        while (row.Read())
            recipients.Add(row.Text(0));
        return recipients;
    }
}

namespace Commune.Storage.Postgres;

internal sealed class PostgresOutboundStore(PostgresDatabase database, GroupCommit commits) : IOutboundStore
{
    public Task<QueueResult> QueueAsync(OutboundMail mail, CancellationToken cancellation) =>
        commits.RunAsync(new Queuing(mail) { Cancellation = cancellation }, cancellation);

    public Task<bool> RecordAsync(
        Job job, DeliverPayload payload, IReadOnlyList<RecipientOutcome> outcomes, long? retryAt, long at, CancellationToken cancellation) =>
        commits.RunAsync(new Recording(job, payload, outcomes, retryAt, at) { Cancellation = cancellation }, cancellation);

    public async Task<QueueResult?> FindIdempotentAsync(
        string orgId, string key, byte[] fingerprint, long now, CancellationToken cancellation) =>
        await database.FindAsync(
            "SELECT key, fingerprint, status, body FROM idempotency WHERE org_id = $1 AND key = $2 AND created_at > $3",
            row => Queuing.Repeat(
                new IdempotencyClaim(row.GetString(0), row.GetFieldValue<byte[]>(1), row.GetInt32(2), row.GetFieldValue<byte[]>(3)), fingerprint),
            cancellation, orgId, key, now - GroupSends.KeyLife);

    public async Task<SendUsage> GetUsageAsync(string orgId, long now, CancellationToken cancellation) =>
        (await database.FindAsync(
            $"""
            SELECT {GroupSends.UsageColumns}
            FROM (VALUES ($2::bigint)) AS k (second)
            LEFT JOIN sends s ON s.org_id = $1 AND s.second > k.second - 86400
            GROUP BY k.second
            """,
            static row => GroupSends.ReadUsage(row, 0), cancellation, orgId, now / 1000))!;

    public Task<OutboundEnvelope?> LoadAsync(DeliverPayload payload, CancellationToken cancellation, RawMessage? known = null) =>
        database.FindAsync(
            """
            SELECT m.inbox_id, m.smtp_message_id, m.participants, CASE WHEN $4 THEN NULL ELSE r.inline END, r.sha256, r.size, COALESCE(m.queued_at, m.created_at), w.addresses, d.tls
            FROM messages m
            JOIN raw_messages r ON r.org_id = m.org_id AND r.id = m.raw_id
            LEFT JOIN domains d ON d.org_id = m.org_id AND d.name = lower(split_part(m.sender, '@', -1))
            CROSS JOIN LATERAL (
                SELECT array_agg(address ORDER BY address) AS addresses
                FROM recipients
                WHERE org_id = m.org_id AND message_id = m.id AND destination = $3 AND status IN ('queued', 'deferred')
            ) w
            WHERE m.org_id = $1 AND m.id = $2 AND w.addresses IS NOT NULL
            """,
            row => new OutboundEnvelope(
                payload.OrgId, payload.MessageId, row.GetString(0), row.GetString(1),
                PostgresJson.ReadParticipants(row.GetString(2)).First(static participant => participant.Role == "sender").Identity,
                known ?? PostgresMessageStore.ReadRaw(row, 3), row.GetInt64(6), row.GetFieldValue<string[]>(7))
            {
                Tls = row.TextOrNull(8) ?? DomainTls.Opportunistic,
            },
            cancellation, payload.OrgId, payload.MessageId, payload.Destination, known is not null);

    public async Task<IReadOnlyList<RecipientState>> GetRecipientsAsync(string orgId, string messageId, CancellationToken cancellation) =>
        await database.QueryAsync(
            """
            SELECT address, status, attempts, last_code, last_detail, next_attempt_at, updated_at
            FROM recipients
            WHERE org_id = $1 AND message_id = $2
            ORDER BY address
            """,
            static row => new RecipientState(
                row.GetString(0), row.GetString(1), row.GetInt32(2), row.IntOrNull(3), row.TextOrNull(4), row.LongOrNull(5), row.GetInt64(6)),
            cancellation, orgId, messageId);

    public async Task<Page<RecipientAttempt>> ListAttemptsAsync(
        string orgId, string messageId, int limit, PageCursor? cursor, CancellationToken cancellation) =>
        Page<RecipientAttempt>.From(
            await database.QueryAsync(
                """
                SELECT id, recipient, at, outcome, code, reply, host, address, tls_version, tls_cipher, tls_verified
                FROM attempts
                WHERE org_id = $1 AND message_id = $2 AND id > $3
                ORDER BY id
                LIMIT $4
                """,
                static row => new RecipientAttempt(
                    row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3), row.IntOrNull(4), row.GetString(5),
                    new AttemptWay(row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8), row.TextOrNull(9), row.GetInt32(10) != 0)),
                cancellation, orgId, messageId, cursor?.Id ?? "", limit + 1L),
            limit,
            static attempt => new PageCursor(0, attempt.At, attempt.Id));

    private sealed class Queuing(OutboundMail mail) : GroupWork<QueueResult>
    {
        private readonly string[] ties = GroupThreads.TiesOf(mail.SmtpMessageId, mail.InReplyTo, mail.References);
        private readonly MessageEventData eventData = new(mail.Participants, mail.Subject, mail.Snippet, mail.Attachments.Count);

        public override string OrgId => mail.OrgId;

        public override long Size => (mail.Raw.Inline?.Length ?? 0) + mail.Content.Length;

        public static QueueResult Repeat(IdempotencyClaim earlier, ReadOnlySpan<byte> fingerprint) =>
            fingerprint.SequenceEqual(earlier.Fingerprint)
                ? new QueueResult.Replayed(earlier.Status, earlier.Body)
                : new QueueResult.KeyReused();

        public override void Ask(GroupTransaction transaction)
        {
            transaction.NeedHead(mail.OrgId, mail.At);
            transaction.Inboxes.Ask(mail.OrgId, mail.InboxId);
            if (mail.ThreadId is { } threadId)
                transaction.Threads.Ask(mail.OrgId, threadId);
            transaction.Threads.Ask(mail.OrgId, mail.InboxId, token: null, ties);
            if (mail.Idempotency is { } claim)
                transaction.Sends.AskKey(mail.OrgId, claim.Key);
            if (mail.Limits is not null)
                transaction.Sends.AskUsage(mail.OrgId, mail.At);
            transaction.Caps.AskPause(mail.OrgId);
            foreach (var cap in mail.Caps)
                transaction.Caps.Ask(mail.OrgId, cap, mail.At);
            foreach (var recipient in mail.Recipients)
                transaction.Suppressions.Ask(mail.OrgId, mail.InboxId, recipient.Address);
        }

        public override void Decide(GroupTransaction transaction)
        {
            if (mail.Idempotency is { } claim && transaction.Sends.FindClaim(mail.OrgId, claim.Key, mail.At) is { } earlier)
                Result = Repeat(earlier, claim.Fingerprint);
            else if (transaction.Head(mail.OrgId) is not { } head || transaction.Inboxes.AddressOf(mail.OrgId, mail.InboxId) is not { } address)
                Result = new QueueResult.Gone();
            else if (transaction.Caps.PauseOf(mail.OrgId) is { } pause && pause.Until > mail.At)
                Result = new QueueResult.Paused(pause);
            else if (Exceeded(transaction.Sends) is { } exceeded)
                Result = exceeded;
            else if (transaction.Caps.FindReached(mail.OrgId, mail.Caps, mail.At) is { } reached)
                Result = reached;
            else
                Result = Store(transaction, head, address);
        }

        private QueueResult.LimitExceeded? Exceeded(GroupSends sends)
        {
            if (mail.Limits is not { } limits)
                return null;
            var usage = sends.UsageAt(mail.OrgId, mail.At);
            if (usage.LastDay >= limits.PerDay)
                return new QueueResult.LimitExceeded(usage, Day: true);
            return usage.LastHour >= limits.PerHour ? new QueueResult.LimitExceeded(usage, Day: false) : null;
        }

        private QueueResult Store(GroupTransaction transaction, OrgHead head, string address)
        {
            var brought = ThreadMail.From(mail);
            var thread = mail.ThreadId is { } threadId
                ? transaction.Threads.Find(mail.OrgId, threadId)
                : transaction.Threads.Begin(mail.OrgId, mail.NewThreadId, mail.NewReplyToken, brought, head.Now);
            if (thread is null)
                return new QueueResult.Gone();
            transaction.Threads.File(thread, brought, ties, head.Now);
            SkippedRecipient[] skipped =
            [
                .. mail.Recipients
                    .Select(recipient => (recipient.Address, Reason: transaction.Suppressions.Find(mail.OrgId, mail.InboxId, recipient.Address, mail.At)))
                    .Where(static recipient => recipient.Reason is not null)
                    .Select(static recipient => new SkippedRecipient(recipient.Address, recipient.Reason!)),
            ];
            OutboundRecipient[] waiting =
                [.. mail.Recipients.Where(recipient => !Array.Exists(skipped, one => one.Address == recipient.Address))];

            transaction.Messages.Add(mail.OrgId, mail.MessageId, mail.Raw);
            transaction.Messages.Add(new MessageRow(
                mail.OrgId, mail.MessageId, thread.Id, mail.InboxId, address, mail.DomainId, mail.MessageId, "outbound", head.Now,
                mail.Participants.First(static participant => participant.Role == "sender").Identity, mail.Subject,
                PostgresJson.Participants(mail.Participants), mail.Content, mail.ContentHtml,
                PostgresJson.List(mail.Attachments.Select(static attachment => attachment.Id)), mail.SmtpMessageId, mail.InReplyTo,
                PostgresJson.List(mail.References), RetryKey: null, mail.FirstStatus(waiting.Length > 0), Metadata: null,
                mail.HasToWait && waiting.Length > 0 ? DeliveryState.ScheduledData(mail.SendAt!.Value) : null));
            if (mail.Search is { } entry)
                transaction.Search.Add(head, mail.MessageId, thread.Id, mail.InboxId, entry);
            foreach (var attachment in mail.Attachments.DistinctBy(static attachment => attachment.Id, StringComparer.Ordinal))
                transaction.Messages.Add(attachment with { OrgId = mail.OrgId, MessageId = mail.MessageId });

            var sends = transaction.Sends;
            if (mail.Idempotency is { } claim)
                sends.Add(mail.OrgId, skipped.Length > 0 && mail.BodyWhenSkipped is { } body ? claim with { Body = body(skipped) } : claim, mail.At);
            sends.Count(mail.OrgId, mail.At);
            transaction.Caps.Count(mail.OrgId, mail.Caps, mail.At);
            foreach (var recipient in mail.Recipients)
                sends.Add(mail.OrgId, mail.MessageId, recipient, waiting.Contains(recipient) ? "queued" : "suppressed", mail.FirstAttemptAt);
            if (mail.HasToWait && waiting.Length > 0)
                Schedule(transaction, head, thread.Id);
            else
                Enqueue(transaction, head, thread.Id, waiting);
            foreach (var recipient in skipped)
                TellSkipped(transaction, head, thread.Id, recipient);
            return new QueueResult.Queued(thread.Id, head.Now) { Skipped = skipped };
        }

        private void Enqueue(GroupTransaction transaction, OrgHead head, string threadId, OutboundRecipient[] waiting)
        {
            foreach (var recipient in waiting.DistinctBy(static recipient => recipient.Destination, StringComparer.Ordinal))
            {
                var payload = new DeliverPayload(mail.OrgId, mail.MessageId, recipient.Destination).ToJson();
                transaction.AddJob(new NewJob(
                    EntityId.New("job_"), recipient.IsLocal ? JobKind.DeliverLocal : JobKind.Deliver, recipient.Destination, mail.OrgId, payload, mail.At));
            }

            transaction.Append(head.Append("message.queued", mail.InboxId, threadId, mail.MessageId, eventData.Text(newThread: mail.ThreadId is null)));
        }

        private void TellSkipped(GroupTransaction transaction, OrgHead head, string threadId, SkippedRecipient recipient)
        {
            var outcome = SuppressionRule.Skip(recipient);
            transaction.DeliveryEvents.Add(new DeliveryEvent(
                mail.OrgId, EntityId.NewSortable("evt_", DateTimeOffset.FromUnixTimeMilliseconds(head.Now)), mail.MessageId, mail.InboxId, mail.DomainId,
                recipient.Address, DeliveryEventType.Suppressed, head.Now, null, outcome.Detail, null), reportId: null);
            transaction.Append(head.Append(
                DeliveryState.LogType(DeliveryEventType.Suppressed), mail.InboxId, threadId, mail.MessageId,
                DeliveryState.LogData(DeliveryEventType.Suppressed, outcome)));
        }

        private void Schedule(GroupTransaction transaction, OrgHead head, string threadId)
        {
            var sendAt = mail.SendAt!.Value;
            transaction.Caps.Add(new ScheduledSend(mail.OrgId, mail.MessageId, threadId, sendAt, mail.CancelOnReply, head.Now));
            transaction.AddJob(new NewJob(
                EntityId.New("job_"), JobKind.Release, mail.MessageId, mail.OrgId, new ReleasePayload(mail.OrgId, mail.MessageId).ToJson(), sendAt));
            transaction.Append(head.Append("message.scheduled", mail.InboxId, threadId, mail.MessageId, DeliveryState.ScheduledEvent(sendAt)));
        }
    }

    private sealed class Recording(
        Job job, DeliverPayload payload, IReadOnlyList<RecipientOutcome> outcomes, long? retryAt, long at) : GroupWork<bool>
    {
        public override string OrgId => payload.OrgId;

        public override void Ask(GroupTransaction transaction)
        {
            transaction.NeedHead(payload.OrgId, at);
            transaction.Jobs.AskLease(job);
            transaction.Deliveries.Ask(payload.OrgId, payload.MessageId);
        }

        public override void Decide(GroupTransaction transaction)
        {
            Result = transaction.Jobs.Holds(job);
            if (!Result)
                return;

            var waiting = false;
            if (transaction.Head(payload.OrgId) is { } head && transaction.Deliveries.Find(payload.OrgId, payload.MessageId) is { } delivery)
            {
                foreach (var outcome in outcomes)
                {
                    if (delivery.Record(transaction, head, outcome, retryAt, at))
                        transaction.Deliveries.Attempted(payload, outcome, at);
                }
                delivery.Settle(head.Now);
                waiting = delivery.Waits(payload.Destination);
            }

            if (retryAt is { } dueAt && waiting)
                transaction.Jobs.Reschedule(job, dueAt);
            else
                transaction.Jobs.Finish(job);
        }
    }
}

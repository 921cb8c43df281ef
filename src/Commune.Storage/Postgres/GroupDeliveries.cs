namespace Commune.Storage.Postgres;

/// <summary>The sent messages whose delivery a group records.</summary>
internal sealed class GroupDeliveries
{
    private readonly HashSet<(string OrgId, string MessageId)> asked = [];
    private readonly Dictionary<(string, string), RecordedDelivery> deliveries = [];

    private readonly List<(DeliverPayload Payload, RecipientOutcome Outcome, AttemptWay Way, long At)> attempts = [];

    public void Ask(string orgId, string messageId) => asked.Add((orgId, messageId));

    public RecordedDelivery? Find(string orgId, string messageId) => deliveries.GetValueOrDefault((orgId, messageId));

    /// <summary>Keeps the attempt that led to this outcome, if there was one.</summary>
    public void Attempted(DeliverPayload payload, RecipientOutcome outcome, long at)
    {
        if (outcome.Way is { } way)
            attempts.Add((payload, outcome, way, at));
    }

    public void Read(PipelinedBatch reads)
    {
        if (asked.Count == 0)
            return;
        reads.Read(
            """
            SELECT m.org_id, m.id, m.inbox_id, m.domain_id, m.thread_id, COALESCE(s.status, m.delivery_status), COALESCE(s.data, m.delivery_data),
                r.address, r.destination, r.status, r.attempts
            FROM unnest($1::text[], $2::text[]) AS k (org_id, id)
            JOIN messages m ON m.org_id = k.org_id AND m.id = k.id AND m.direction = 'outbound'
            JOIN recipients r ON r.org_id = m.org_id AND r.message_id = m.id
            LEFT JOIN sent_states s ON s.org_id = m.org_id AND s.message_id = m.id
            """,
            row =>
            {
                var key = (row.GetString(0), row.GetString(1));
                if (!deliveries.TryGetValue(key, out var delivery))
                {
                    delivery = new RecordedDelivery(
                        key.Item1, key.Item2, row.GetString(2), row.GetString(3), row.GetString(4), row.TextOrNull(5) ?? "queued", row.TextOrNull(6));
                    deliveries.Add(key, delivery);
                }

                delivery.Add(new RecordedRecipient(row.GetString(7), row.GetString(8), row.GetString(9), row.GetInt32(10)));
            },
            asked.Select(static key => key.OrgId).ToArray(),
            asked.Select(static key => key.MessageId).ToArray());
    }

    public void Write(PipelinedBatch writes)
    {
        WriteAttempts(writes);
        var messages = deliveries.Values.Where(static delivery => delivery.Changed).ToArray();
        if (messages.Length > 0)
        {
            writes.Write(
                """
                INSERT INTO sent_states (org_id, message_id, status, data)
                SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                ON CONFLICT (org_id, message_id) DO UPDATE SET status = excluded.status, data = excluded.data
                """,
                Array.ConvertAll(messages, static message => message.OrgId),
                Array.ConvertAll(messages, static message => message.MessageId),
                Array.ConvertAll(messages, static message => message.Status),
                Array.ConvertAll(messages, static message => message.Data));
        }

        var changed = deliveries.Values
            .SelectMany(static delivery => delivery.Recipients.Where(static recipient => recipient.Changed), static (delivery, recipient) => (delivery, recipient))
            .ToArray();
        if (changed.Length > 0)
        {
            writes.Write(
                """
                UPDATE recipients r
                SET status = k.status, attempts = k.attempts, last_code = k.code, last_detail = k.detail, next_attempt_at = k.next_at,
                    updated_at = k.at
                FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[], $8::bigint[], $9::bigint[])
                    AS k (org_id, message_id, address, status, attempts, code, detail, next_at, at)
                WHERE r.org_id = k.org_id AND r.message_id = k.message_id AND r.address = k.address
                """,
                Array.ConvertAll(changed, static row => row.delivery.OrgId),
                Array.ConvertAll(changed, static row => row.delivery.MessageId),
                Array.ConvertAll(changed, static row => row.recipient.Address),
                Array.ConvertAll(changed, static row => row.recipient.Status),
                Array.ConvertAll(changed, static row => row.recipient.Attempts),
                Array.ConvertAll(changed, static row => row.recipient.Code),
                Array.ConvertAll(changed, static row => row.recipient.Detail),
                Array.ConvertAll(changed, static row => row.recipient.NextAttemptAt),
                Array.ConvertAll(changed, static row => row.recipient.UpdatedAt));
        }
    }

    private void WriteAttempts(PipelinedBatch writes)
    {
        if (attempts.Count == 0)
            return;
        writes.Write(
            """
            INSERT INTO attempts
                (org_id, message_id, id, recipient, at, outcome, code, reply, host, address, tls_version, tls_cipher, tls_verified)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::integer[], $8::text[],
                $9::text[], $10::text[], $11::text[], $12::text[], $13::integer[])
            """,
            attempts.Select(static row => row.Payload.OrgId).ToArray(),
            attempts.Select(static row => row.Payload.MessageId).ToArray(),
            attempts.Select(static row => RecipientAttempt.NewId(row.At)).ToArray(),
            attempts.Select(static row => row.Outcome.Address).ToArray(),
            attempts.Select(static row => row.At).ToArray(),
            attempts.Select(static row => row.Outcome.Status).ToArray(),
            attempts.Select(static row => row.Outcome.Code).ToArray(),
            attempts.Select(static row => row.Outcome.Detail).ToArray(),
            attempts.Select(static row => row.Way.Host).ToArray(),
            attempts.Select(static row => row.Way.Address).ToArray(),
            attempts.Select(static row => row.Way.TlsVersion).ToArray(),
            attempts.Select(static row => row.Way.TlsCipher).ToArray(),
            attempts.Select(static row => row.Way.TlsVerified ? 1 : 0).ToArray());
    }
}

/// <summary>A row of <c>recipients</c> while a group works on it.</summary>
internal sealed class RecordedRecipient(string address, string destination, string status, int attempts)
{
    public string Address => address;
    public string Destination => destination;
    public string Status { get; private set; } = status;
    public int Attempts { get; private set; } = attempts;
    public int? Code { get; private set; }
    public string? Detail { get; private set; }
    public long? NextAttemptAt { get; private set; }
    public long UpdatedAt { get; private set; }
    public bool Changed { get; private set; }

    public bool Waits => Status is "queued" or "deferred";

    public void Take(RecipientOutcome outcome, RecipientTransition transition, long? retryAt, long at)
    {
        (Status, Code, Detail, UpdatedAt, Changed) = (transition.Status, outcome.Code, outcome.Detail, at, true);
        NextAttemptAt = Waits ? retryAt : null;
        Attempts += transition.Attempts;
    }
}

/// <summary>The delivery of one message to all its recipients.</summary>
internal sealed class RecordedDelivery(string orgId, string messageId, string inboxId, string domainId, string threadId, string status, string? data)
{
    private readonly Dictionary<string, RecordedRecipient> recipients = new(StringComparer.Ordinal);
    private DeliveryState state = DeliveryState.Read(status, data);

    public string OrgId => orgId;
    public string MessageId => messageId;
    public string Status => state.Status;
    public string Data => state.DataText();
    public bool Changed { get; private set; }
    public IReadOnlyCollection<RecordedRecipient> Recipients => recipients.Values;

    public void Add(RecordedRecipient recipient) => recipients.Add(recipient.Address, recipient);

    public bool Waits(string destination) => recipients.Values.Any(recipient => recipient.Waits && recipient.Destination == destination);

    /// <summary>The outcome of an attempt; false, with nothing changed, when the recipient is unknown or had its final outcome before.</summary>
    public bool Record(GroupTransaction transaction, OrgHead head, RecipientOutcome outcome, long? retryAt, long at)
    {
        if (!recipients.TryGetValue(outcome.Address, out var recipient)
            || RecipientTransition.OfAttempt(recipient.Status, recipient.Attempts, outcome) is not { } transition)
            return false;
        recipient.Take(outcome, transition, retryAt, at);
        Tell(transaction, head, outcome, transition, retryAt, reportId: null);
        return true;
    }

    /// <summary>What a report says of one recipient; false when it tells nothing new.</summary>
    public bool Record(GroupTransaction transaction, OrgHead head, DeliveryReport report)
    {
        var recipient = recipients.Values.FirstOrDefault(one => string.Equals(one.Address, report.Recipient, StringComparison.OrdinalIgnoreCase));
        if (recipient is null
            || RecipientTransition.OfReport(recipient.Status, recipient.Attempts, report.Kind) is not { } transition
            || transaction.DeliveryEvents.IsRepeat(report, recipient.Address))
            return false;
        var outcome = new RecipientOutcome(recipient.Address, transition.Status, report.Code, report.Detail) { BounceClass = report.BounceClass };
        if (transition.Status != recipient.Status || transition.Attempts > 0)
            recipient.Take(outcome, transition, retryAt: null, report.At);
        Tell(transaction, head, outcome, transition, retryAt: null, report.ReportId);
        return true;
    }

    public void Settle(long at)
    {
        if (Changed)
            state = state.Settle([.. recipients.Values.Select(static recipient => recipient.Status)], at);
    }

    private void Tell(
        GroupTransaction transaction, OrgHead head, RecipientOutcome outcome, RecipientTransition transition, long? retryAt, string? reportId)
    {
        state = state.With(outcome, head.Now, retryAt);
        Changed = true;
        foreach (var (type, id) in transition.NewEvents(head.Now))
        {
            var moment = DateTimeOffset.FromUnixTimeMilliseconds(head.Now);
            transaction.DeliveryEvents.Add(new DeliveryEvent(
                orgId, id, messageId, inboxId, domainId, outcome.Address, type, head.Now,
                outcome.Code, outcome.Detail, DeliveryState.ClassName(type, outcome)), reportId);
            transaction.Append(head.Append(DeliveryState.LogType(type), inboxId, threadId, messageId, DeliveryState.LogData(type, outcome)));
            transaction.Suppressions.Apply(SuppressionRule.Of(type, outcome), new Suppression(
                orgId, EntityId.NewSortable("sup_", moment), outcome.Address, inboxId, domainId, "", messageId, outcome.Detail, head.Now, null));
        }
    }
}

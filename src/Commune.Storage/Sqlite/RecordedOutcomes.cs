namespace Commune.Storage.Sqlite;

/// <summary>Writes what became of a message's recipients, and what that makes of the message.</summary>
internal static class RecordedOutcomes
{
    /// <summary>The outcomes of an attempt.</summary>
    public static void Write(
        SqliteWrites writes, DeliverPayload payload, IReadOnlyList<RecipientOutcome> outcomes, long? retryAt, long at)
    {
        if (SentMessage.Find(writes, payload.OrgId, payload.MessageId, at) is not { } message)
            return;
        foreach (var outcome in outcomes)
        {
            if (FindRecipient(writes.Session, payload.OrgId, payload.MessageId, outcome.Address) is not { } recipient
                || RecipientTransition.OfAttempt(recipient.Status, recipient.Attempts, outcome) is not { } transition)
                continue;
            Update(writes.Session, payload.OrgId, payload.MessageId, outcome, transition, outcome.Status == "deferred" ? retryAt : null, at);
            WriteAttempt(writes.Session, payload, outcome, at);
            message.Tell(writes, outcome, transition, retryAt, reportId: null);
        }
        message.Settle(writes);
    }

    /// <summary>What a report says of one recipient; false when it tells nothing new.</summary>
    public static bool Write(SqliteWrites writes, DeliveryReport report)
    {
        var (session, orgId, messageId) = (writes.Session, report.OrgId, report.MessageId);
        if (FindRecipient(session, orgId, messageId, report.Recipient) is not { } recipient
            || RecipientTransition.OfReport(recipient.Status, recipient.Attempts, report.Kind) is not { } transition
            || IsRepeat(session, report, recipient.Address)
            || SentMessage.Find(writes, orgId, messageId, report.At) is not { } message)
            return false;
        var outcome = new RecipientOutcome(recipient.Address, transition.Status, report.Code, report.Detail) { BounceClass = report.BounceClass };
        if (transition.Status != recipient.Status || transition.Attempts > 0)
            Update(session, orgId, messageId, outcome, transition, nextAttempt: null, report.At);
        message.Tell(writes, outcome, transition, retryAt: null, report.ReportId);
        message.Settle(writes);
        return true;
    }

    private static bool IsRepeat(SqliteSession session, DeliveryReport report, string recipient) => report is { Kind: DeliveryReportKind.Delayed, ReportId: not null } && session.Any(
        "SELECT 1 FROM delivery_events WHERE org_id = ?1 AND message_id = ?2 AND report_id = ?3 AND recipient = ?4",
        report.OrgId, report.MessageId, report.ReportId, recipient);

    private static (string Address, string Status, int Attempts)? FindRecipient(SqliteSession session, string orgId, string messageId, string address)
    {
        using var row = session.Query("SELECT address, status, attempts FROM recipients WHERE org_id = ?1 AND message_id = ?2", orgId, messageId);
        while (row.Read())
        {
            if (string.Equals(row.Text(0), address, StringComparison.OrdinalIgnoreCase))
                return (row.Text(0), row.Text(1), (int)row.Number(2));
        }
        return null;
    }

    private static void Update(
        SqliteSession session, string orgId, string messageId, RecipientOutcome outcome, RecipientTransition transition, long? nextAttempt, long at) => session.Execute(
        """
        UPDATE recipients SET
          status = ?4, attempts = attempts + ?9, last_code = ?5, last_detail = ?6, next_attempt_at = ?7, updated_at = ?8
        WHERE org_id = ?1 AND message_id = ?2 AND address = ?3
        """,
        orgId, messageId, outcome.Address, transition.Status, outcome.Code, outcome.Detail, nextAttempt, at, transition.Attempts);

    private static void WriteAttempt(SqliteSession session, DeliverPayload payload, RecipientOutcome outcome, long at)
    {
        if (outcome.Way is not { } way)
            return;
        session.Execute(
            """
            INSERT INTO attempts
              (org_id, message_id, id, recipient, at, outcome, code, reply, host, address, tls_version, tls_cipher, tls_verified)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            """,
            payload.OrgId, payload.MessageId, RecipientAttempt.NewId(at), outcome.Address, at, outcome.Status, outcome.Code, outcome.Detail,
            way.Host, way.Address, way.TlsVersion, way.TlsCipher, way.TlsVerified);
    }
}

/// <summary>A message whose delivery is recorded: its place, its state, and the time of what is told of it.</summary>
internal sealed class SentMessage
{
    private readonly string orgId;
    private readonly string messageId;
    private readonly string threadId;
    private readonly string inboxId;
    private readonly string domainId;
    private readonly long at;
    private DeliveryState state;

    private SentMessage(SqliteRows row, string orgId, string messageId, long at)
    {
        (this.orgId, this.messageId, this.at) = (orgId, messageId, at);
        (threadId, inboxId, domainId) = (row.Text(0), row.Text(1), row.Text(2));
        state = DeliveryState.Read(row.TextOrNull(3), row.TextOrNull(4));
    }

    public static SentMessage? Find(SqliteWrites writes, string orgId, string messageId, long at)
    {
        using var row = writes.Session.Query(
            $"SELECT thread_id, inbox_id, domain_id, {SentStateRow.Columns} FROM messages WHERE org_id = ?1 AND id = ?2 AND direction = 'outbound'",
            orgId, messageId);
        return row.Read() ? new SentMessage(row, orgId, messageId, writes.Clock(orgId, at)) : null;
    }

    /// <summary>Tells the changes of one recipient, and does what they mean for the suppression list.</summary>
    public void Tell(SqliteWrites writes, RecipientOutcome outcome, RecipientTransition transition, long? retryAt, string? reportId)
    {
        state = state.With(outcome, at, retryAt);
        foreach (var (type, id) in transition.NewEvents(at))
        {
            DeliveryEventRow.Insert(writes.Session, new DeliveryEvent(
                orgId, id, messageId, inboxId, domainId, outcome.Address, type, at,
                outcome.Code, outcome.Detail, DeliveryState.ClassName(type, outcome)), reportId);
            writes.AppendEvent(orgId, DeliveryState.LogType(type), inboxId, threadId, messageId, DeliveryState.LogData(type, outcome));
            SuppressionRow.Apply(writes.Session, SuppressionRule.Of(type, outcome), new Suppression(
                orgId, EntityId.NewSortable("sup_", DateTimeOffset.FromUnixTimeMilliseconds(at)), outcome.Address, inboxId, domainId, "", messageId, outcome.Detail,
                at, null));
        }
    }

    public void Settle(SqliteWrites writes)
    {
        var recipients = new List<string>();
        using (var row = writes.Session.Query("SELECT status FROM recipients WHERE org_id = ?1 AND message_id = ?2", orgId, messageId))
        {
            while (row.Read())
                recipients.Add(row.Text(0));
        }
        state = state.Settle(recipients, at);
        SentStateRow.Write(writes.Session, orgId, messageId, state.Status, state.DataText());
    }
}

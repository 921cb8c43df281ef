namespace Commune.Storage.Sqlite;

/// <summary>Writes what became of a message's recipients, and what that makes of the message.</summary>
internal static class RecordedOutcomes
{
    public static void Write(
        SqliteWrites writes, DeliverPayload payload, IReadOnlyList<RecipientOutcome> outcomes, long? retryAt, long at)
    {
        var session = writes.Session;
        var (orgId, messageId, _) = payload;
        string threadId, inboxId;
        string? status, dataBefore;
        using (var row = session.Query(
            "SELECT thread_id, inbox_id, delivery_status, delivery_data FROM messages WHERE org_id = ?1 AND id = ?2", orgId, messageId))
        {
            if (!row.Read())
                return;
            (threadId, inboxId, status, dataBefore) = (row.Text(0), row.Text(1), row.TextOrNull(2), row.TextOrNull(3));
        }

        var state = DeliveryState.Read(status, dataBefore);
        foreach (var outcome in outcomes)
        {
            if (!Update(session, payload, outcome, outcome.Status == "deferred" ? retryAt : null, at))
                continue;
            WriteAttempt(session, payload, outcome, at);
            state = state.With(outcome, at, retryAt);
            writes.AppendEvent(orgId, DeliveryState.EventType(outcome), inboxId, threadId, messageId, DeliveryState.EventData(outcome));
        }

        state = state.Settle(RecipientStates(session, orgId, messageId), at);
        session.Execute(
            "UPDATE messages SET delivery_status = ?3, delivery_data = ?4 WHERE org_id = ?1 AND id = ?2",
            orgId, messageId, state.Status, state.DataText());
    }

    /// <summary>False when the recipient is not one who waits.</summary>
    private static bool Update(SqliteSession session, DeliverPayload payload, RecipientOutcome outcome, long? nextAttempt, long at) => session.Execute(
        """
        UPDATE recipients SET
          status = ?4, attempts = attempts + 1, last_code = ?5, last_detail = ?6, next_attempt_at = ?7, updated_at = ?8
        WHERE org_id = ?1 AND message_id = ?2 AND address = ?3 AND status IN ('queued', 'deferred')
        """,
        payload.OrgId, payload.MessageId, outcome.Address, outcome.Status, outcome.Code, outcome.Detail, nextAttempt, at) == 1;

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

    private static List<string> RecipientStates(SqliteSession session, string orgId, string messageId)
    {
        var states = new List<string>();
        using var row = session.Query("SELECT status FROM recipients WHERE org_id = ?1 AND message_id = ?2", orgId, messageId);
        while (row.Read())
            states.Add(row.Text(0));
        return states;
    }
}

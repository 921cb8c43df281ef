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

        var data = SqliteJson.ReadDeliveryData(dataBefore);
        foreach (var outcome in outcomes)
        {
            if (!Update(session, payload, outcome, outcome.Status == "deferred" ? retryAt : null, at))
                continue;
            data = data.With(outcome, at);
            writes.AppendEvent(
                orgId, EventType(outcome.Status), inboxId, threadId, messageId,
                SqliteJson.Write(new RecipientEvent(outcome.Address, outcome.Code, outcome.Detail)));
        }

        status = DeliveryStatus.Derive(status, CountRecipients(session, orgId, messageId));
        if (status == "delivered")
            data = data with { DeliveredAt = data.DeliveredAt ?? at };
        session.Execute(
            "UPDATE messages SET delivery_status = ?3, delivery_data = ?4 WHERE org_id = ?1 AND id = ?2",
            orgId, messageId, status, SqliteJson.Write(data));
    }

    /// <summary>False when the recipient is not one who waits.</summary>
    private static bool Update(SqliteSession session, DeliverPayload payload, RecipientOutcome outcome, long? nextAttempt, long at) => session.Execute(
        """
        UPDATE recipients SET
          status = ?4, attempts = attempts + 1, last_code = ?5, last_detail = ?6, next_attempt_at = ?7, updated_at = ?8
        WHERE org_id = ?1 AND message_id = ?2 AND address = ?3 AND status IN ('queued', 'deferred')
        """,
        payload.OrgId, payload.MessageId, outcome.Address, outcome.Status, outcome.Code, outcome.Detail, nextAttempt, at) == 1;

    private static Dictionary<string, int> CountRecipients(SqliteSession session, string orgId, string messageId)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        using var row = session.Query(
            "SELECT status, count(*) FROM recipients WHERE org_id = ?1 AND message_id = ?2 GROUP BY status", orgId, messageId);
        while (row.Read())
            counts.Add(row.Text(0), (int)row.Number(1));
        return counts;
    }

    private static string EventType(string status) => status switch
    {
        "delivered" => "message.delivered",
        "deferred" => "message.delayed",
        "bounced" => "message.bounced",
        _ => "message.failed",
    };
}

namespace Commune.Storage.Sqlite;

/// <summary>
/// The <c>delivery_status</c> and <c>delivery_data</c> of a sent message: a row of their own, since a change of the message's row would write its text once more.
/// </summary>
internal static class SentStateRow
{
    /// <summary>The two, of a row of <c>messages</c>; those of a message that was stored before there was this table stand in that row.</summary>
    public const string Columns =
        """
        coalesce((SELECT s.status FROM sent_states s WHERE s.org_id = messages.org_id AND s.message_id = messages.id), delivery_status),
        coalesce((SELECT s.data FROM sent_states s WHERE s.org_id = messages.org_id AND s.message_id = messages.id), delivery_data)
        """;

    public static void Write(SqliteSession session, string orgId, string messageId, string status, string? data) => session.Execute(
        """
        INSERT INTO sent_states (org_id, message_id, status, data) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET status = excluded.status, data = excluded.data
        """,
        orgId, messageId, status, data);

    /// <summary>Changes the status alone.</summary>
    public static void WriteStatus(SqliteSession session, string orgId, string messageId, string status) => session.Execute(
        """
        INSERT INTO sent_states (org_id, message_id, status, data)
        SELECT org_id, id, ?3, delivery_data FROM messages WHERE org_id = ?1 AND id = ?2
        ON CONFLICT DO UPDATE SET status = excluded.status
        """,
        orgId, messageId, status);
}

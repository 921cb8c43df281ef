namespace Commune.Storage.Sqlite;

internal sealed class SqliteDeliveryReportStore(SqliteStore store) : IDeliveryReportStore
{
    private const string Select =
        """
        SELECT m.id, m.inbox_id, m.domain_id, m.inbox_address, t.reply_token FROM messages m
        JOIN threads t ON t.org_id = m.org_id AND t.id = m.thread_id
        WHERE m.org_id = ?1 AND m.direction = 'outbound' AND
        """;

    public Task<bool> RecordReportAsync(DeliveryReport report, CancellationToken cancellation) =>
        store.WriteAsync(writes => RecordedOutcomes.Write(writes, report), cancellation);

    public Task<ReportedMessage?> FindByMessageIdAsync(string orgId, string smtpMessageId, CancellationToken cancellation) => store.ReadSnapshotAsync(
        session =>
        {
            using var row = session.Query($"{Select} m.smtp_message_id = ?2 LIMIT 1", orgId, smtpMessageId);
            return row.Read() ? Map(session, orgId, row) : null;
        },
        cancellation);

    public Task<ReportedMessage?> FindByIdPrefixAsync(string orgId, string prefix, CancellationToken cancellation) => store.ReadSnapshotAsync(
        session =>
        {
            using var row = session.Query($"{Select} m.id >= ?2 AND m.id < ?2 || '~' LIMIT 2", orgId, prefix);
            var found = row.Read() ? Map(session, orgId, row) : null;
            return row.Read() ? null : found;
        },
        cancellation);

    private static ReportedMessage Map(SqliteSession session, string orgId, SqliteRows row)
    {
        var messageId = row.Text(0);
        var recipients = new List<string>();
        using var recipient = session.Query(
            "SELECT address FROM recipients WHERE org_id = ?1 AND message_id = ?2 AND status <> 'suppressed' ORDER BY address", orgId, messageId);
        while (recipient.Read())
            recipients.Add(recipient.Text(0));
        return new ReportedMessage(orgId, messageId, new InboxRoute(orgId, row.Text(1), row.Text(2), row.Text(3)), row.Text(4), recipients);
    }
}

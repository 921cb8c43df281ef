using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresDeliveryReportStore(PostgresDatabase database, GroupCommit commits) : IDeliveryReportStore
{
    private const string Select =
        """
        SELECT m.org_id, m.id, m.inbox_id, m.domain_id, m.inbox_address, t.reply_token,
            ARRAY(
                SELECT address FROM recipients r
                WHERE r.org_id = m.org_id AND r.message_id = m.id AND r.status <> 'suppressed'
                ORDER BY address)
        FROM messages m
        JOIN threads t ON t.org_id = m.org_id AND t.id = m.thread_id
        WHERE m.org_id = $1 AND m.direction = 'outbound' AND
        """;

    public Task<bool> RecordReportAsync(DeliveryReport report, CancellationToken cancellation) =>
        commits.RunAsync(new Reporting(report) { Cancellation = cancellation }, cancellation);

    public Task<ReportedMessage?> FindByMessageIdAsync(string orgId, string smtpMessageId, CancellationToken cancellation) =>
        database.FindAsync($"{Select} m.smtp_message_id = $2 LIMIT 1", Map, cancellation, orgId, smtpMessageId);

    public async Task<ReportedMessage?> FindByIdPrefixAsync(string orgId, string prefix, CancellationToken cancellation) =>
        await database.QueryAsync($"{Select} m.id >= $2 AND m.id < $2 || '~' LIMIT 2", Map, cancellation, orgId, prefix) is [var only] ? only : null;

    private static ReportedMessage Map(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), new InboxRoute(row.GetString(0), row.GetString(2), row.GetString(3), row.GetString(4)), row.GetString(5),
        row.GetFieldValue<string[]>(6));

    private sealed class Reporting(DeliveryReport report) : GroupWork<bool>
    {
        public override string OrgId => report.OrgId;

        public override void Ask(GroupTransaction transaction)
        {
            transaction.NeedHead(report.OrgId, report.At);
            transaction.Deliveries.Ask(report.OrgId, report.MessageId);
            transaction.DeliveryEvents.Ask(report);
        }

        public override void Decide(GroupTransaction transaction)
        {
            Result = false;
            if (transaction.Head(report.OrgId) is not { } head || transaction.Deliveries.Find(report.OrgId, report.MessageId) is not { } delivery)
                return;
            Result = delivery.Record(transaction, head, report);
            delivery.Settle(head.Now);
        }
    }
}

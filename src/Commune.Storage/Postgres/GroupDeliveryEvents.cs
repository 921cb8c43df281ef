namespace Commune.Storage.Postgres;

/// <summary>The delivery events that a group appends, and which notices of delay have been told before.</summary>
internal sealed class GroupDeliveryEvents
{
    private readonly HashSet<(string OrgId, string MessageId, string ReportId)> asked = [];
    private readonly HashSet<(string OrgId, string MessageId, string ReportId, string Recipient)> told = [];
    private readonly List<(DeliveryEvent Entry, string? ReportId)> added = [];

    public void Ask(DeliveryReport report)
    {
        if (report is { Kind: DeliveryReportKind.Delayed, ReportId: { } reportId })
            asked.Add((report.OrgId, report.MessageId, reportId));
    }

    /// <summary>True for a notice of delay that was recorded for this recipient before; other reports change a state, which they cannot do twice.</summary>
    public bool IsRepeat(DeliveryReport report, string recipient) =>
        report is { Kind: DeliveryReportKind.Delayed, ReportId: { } reportId } && told.Contains((report.OrgId, report.MessageId, reportId, recipient));

    /// <param name="reportId">The report that told it, or null.</param>
    public void Add(DeliveryEvent entry, string? reportId)
    {
        added.Add((entry, reportId));
        if (reportId is not null)
            told.Add((entry.OrgId, entry.MessageId, reportId, entry.Recipient));
    }

    public void Read(PipelinedBatch reads)
    {
        if (asked.Count == 0)
            return;
        reads.Read(
            """
            SELECT e.org_id, e.message_id, e.report_id, e.recipient
            FROM unnest($1::text[], $2::text[], $3::text[]) AS k (org_id, message_id, report_id)
            JOIN delivery_events e ON e.org_id = k.org_id AND e.message_id = k.message_id AND e.report_id = k.report_id
            """,
            row => told.Add((row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3))),
            asked.Select(static key => key.OrgId).ToArray(),
            asked.Select(static key => key.MessageId).ToArray(),
            asked.Select(static key => key.ReportId).ToArray());
    }

    public void Write(PipelinedBatch writes)
    {
        if (added.Count == 0)
            return;
        writes.Write(
            """
            INSERT INTO delivery_events (
                org_id, message_id, id, inbox_id, domain_id, recipient, type, at, code, detail, bounce_class, report_id)
            SELECT *
            FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::integer[], $10::text[],
                $11::text[], $12::text[])
            """,
            added.Select(static row => row.Entry.OrgId).ToArray(),
            added.Select(static row => row.Entry.MessageId).ToArray(),
            added.Select(static row => row.Entry.Id).ToArray(),
            added.Select(static row => row.Entry.InboxId).ToArray(),
            added.Select(static row => row.Entry.DomainId).ToArray(),
            added.Select(static row => row.Entry.Recipient).ToArray(),
            added.Select(static row => row.Entry.Type).ToArray(),
            added.Select(static row => row.Entry.At).ToArray(),
            added.Select(static row => row.Entry.Code).ToArray(),
            added.Select(static row => row.Entry.Detail).ToArray(),
            added.Select(static row => row.Entry.BounceClass).ToArray(),
            added.Select(static row => row.ReportId).ToArray());
    }
}

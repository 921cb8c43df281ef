namespace Commune.Storage.Sqlite;

/// <summary>A row of <c>delivery_events</c> as it is written.</summary>
internal static class DeliveryEventRow
{
    /// <param name="reportId">The report that told it, or null.</param>
    public static void Insert(SqliteSession session, DeliveryEvent entry, string? reportId) => session.Execute(
        """
        INSERT INTO delivery_events (
          org_id, message_id, id, inbox_id, domain_id, recipient, type, at, code, detail, bounce_class, report_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """,
        entry.OrgId, entry.MessageId, entry.Id, entry.InboxId, entry.DomainId, entry.Recipient, entry.Type, entry.At,
        entry.Code, entry.Detail, entry.BounceClass, reportId);
}

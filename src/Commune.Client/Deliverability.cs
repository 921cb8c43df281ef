namespace Commune.Client;

public sealed class DeliveryCalls
{
    private readonly Transport transport;

    internal DeliveryCalls(Transport transport) => this.transport = transport;

    /// <summary>Counts and percentages of an inbox or a domain.</summary>
    /// <param name="period">Days or hours, such as <c>7d</c>.</param>
    public Task<DeliveryMetrics> MetricsAsync(string? inboxId = null, string? domainId = null, string? period = null, CancellationToken cancellation = default) =>
        transport.DataAsync<DeliveryMetrics>(HttpMethod.Get, Transport.With("/v1/delivery/metrics", ("inbox_id", inboxId), ("domain_id", domainId), ("period", period)), null, cancellation);

    /// <summary>What became of each recipient, the newest first.</summary>
    public IAsyncEnumerable<DeliveryEvent> EventsAsync(
        string? inboxId = null, string? domainId = null, string? messageId = null, string? eventType = null, CancellationToken cancellation = default) =>
        transport.PagesAsync<DeliveryEvent>(
            Transport.With("/v1/delivery/events", ("inbox_id", inboxId), ("domain_id", domainId), ("message_id", messageId), ("event_type", eventType)), cancellation);
}

public sealed record DeliveryMetrics(
    string Period, DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd, long Sent, long Delivered, long Bounced, long Complained, long Failed, long Suppressed,
    double DeliveryRate, double BounceRate, double ComplaintRate, double FailureRate, double SuppressionRate);

public sealed record DeliveryEvent(string Id, string MessageId, string EventType, string Recipient, DateTimeOffset Timestamp, string? Detail, DeliveryEventData EventData, string InboxId);

public sealed record DeliveryEventData(int? SmtpCode, string? BounceType, string? BounceClass);

public sealed class SuppressionCalls
{
    private readonly Transport transport;

    internal SuppressionCalls(Transport transport) => this.transport = transport;

    /// <summary>The addresses that get no more mail; an inbox, a domain or an address is needed.</summary>
    public IAsyncEnumerable<Suppression> ListAsync(string? inboxId = null, string? domainId = null, string? email = null, CancellationToken cancellation = default) =>
        transport.PagesAsync<Suppression>(Transport.With("/v1/delivery/suppressions", ("inbox_id", inboxId), ("domain_id", domainId), ("email", email)), cancellation);

    /// <param name="inboxId">Null holds in the whole organisation.</param>
    public Task<Suppression> AddAsync(string email, string? inboxId = null, DateTimeOffset? expiresAt = null, CancellationToken cancellation = default) =>
        transport.DataAsync<Suppression>(HttpMethod.Post, "/v1/delivery/suppressions", new { email, inboxId, expiresAt }, cancellation);

    public Task RemoveAsync(string suppressionId, CancellationToken cancellation = default) =>
        transport.DataAsync<Done>(HttpMethod.Delete, "/v1/delivery/suppressions/" + Transport.Segment(suppressionId), null, cancellation);

    /// <summary>Removes the entry of one inbox, or every entry of the address.</summary>
    public Task RemoveAddressAsync(string email, string? inboxId = null, CancellationToken cancellation = default) =>
        transport.DataAsync<Done>(HttpMethod.Delete, Transport.With("/v1/delivery/suppressions", ("email", email), ("inbox_id", inboxId)), null, cancellation);
}

public sealed record Suppression(string Id, string Email, string Reason, string Type, string Source, string? InboxId, DateTimeOffset SuppressedAt, DateTimeOffset? ExpiresAt);

public sealed class DmarcCalls
{
    private readonly Transport transport;

    internal DmarcCalls(Transport transport) => this.transport = transport;

    /// <param name="report">XML, gzip or zip.</param>
    public Task<SubmittedReport> SubmitAsync(byte[] report, string? domainId = null, CancellationToken cancellation = default) =>
        transport.DataAsync<SubmittedReport>(
            HttpMethod.Post, Transport.With("/v1/dmarc/reports", ("domain_id", domainId)), new RawContent(report, "application/octet-stream"), cancellation);

    public IAsyncEnumerable<DmarcReport> ReportsAsync(string domain, CancellationToken cancellation = default) =>
        transport.PagesAsync<DmarcReport>(Transport.With("/v1/dmarc/reports", ("domain", domain)), cancellation);

    public Task<DmarcSummary> SummaryAsync(string domain, int days = 30, CancellationToken cancellation = default) =>
        transport.DataAsync<DmarcSummary>(HttpMethod.Get, Transport.With("/v1/dmarc/summary", ("domain", domain), ("days", days)), null, cancellation);
}

public sealed record SubmittedReport(string Id, string ReportId, string Domain, string OrgName, DateTimeOffset DateBegin, DateTimeOffset DateEnd, int RecordCount, long TotalMessages);

public sealed record DmarcReport(
    string Id, string ReportId, string OrgName, string Domain, DateTimeOffset DateBegin, DateTimeOffset DateEnd, IReadOnlyList<DmarcRecord> Records, long TotalMessages);

public sealed record DmarcRecord(string SourceIp, long Count, string Disposition, string DkimResult, string SpfResult, string HeaderFrom);

public sealed record DmarcSummary(
    string Domain, int Days, int ReportCount, long TotalMessages, long PassCount, long FailCount, double PassRate, long DkimPass, long SpfPass, IReadOnlyList<DmarcSource> TopSources);

public sealed record DmarcSource(string Ip, long Count, long Pass);

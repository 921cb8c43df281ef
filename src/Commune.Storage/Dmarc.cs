namespace Commune.Storage;

/// <summary>A DMARC aggregate report as an organisation keeps it (contract section 15).</summary>
/// <param name="Id"><c>dmarc_…</c>, ours.</param>
/// <param name="ReportId">The reporter's own id.</param>
/// <param name="Domain">Whose mail it is about: lower case.</param>
/// <param name="DomainId">The organisation's domain of that name, or null.</param>
/// <param name="Begin">Unix ms.</param>
/// <param name="End">Unix ms.</param>
/// <param name="Policy">As published when the report was made.</param>
/// <param name="Rows">In the report's order.</param>
/// <param name="ReceivedAt">Unix ms.</param>
public sealed record DmarcReport(
    string OrgId, string Id, string ReportId, string OrgName, string Email, string Domain, string? DomainId, long Begin, long End,
    DmarcPolicy Policy, IReadOnlyList<DmarcRow> Rows, long ReceivedAt)
{
    /// <summary>Messages, not rows.</summary>
    public long TotalMessages => Rows.Sum(static row => row.Count);
}

public sealed record DmarcPolicy(string Domain, string Adkim, string Aspf, string P, string Sp, int Pct);

/// <summary>Mail of one host that was judged in one way.</summary>
/// <param name="Count">Messages.</param>
/// <param name="DkimResult">Of <c>policy_evaluated</c>: <c>pass</c> or <c>fail</c>.</param>
/// <param name="SpfResult">Of <c>policy_evaluated</c>: <c>pass</c> or <c>fail</c>.</param>
public sealed record DmarcRow(
    string SourceIp, long Count, string Disposition, string DkimResult, string SpfResult, string HeaderFrom,
    string? DkimDomain, string? DkimSelector, string? SpfDomain);

/// <summary>What the reports of a time tell together; counts are messages.</summary>
/// <param name="Overrides">Failing mail that was quarantined or rejected.</param>
/// <param name="TopSources">By count, the largest first.</param>
public sealed record DmarcSummary(
    int Reports, long Messages, long Passed, long DkimPassed, long SpfPassed, long Overrides, IReadOnlyList<DmarcSource> TopSources);

public sealed record DmarcSource(string Ip, long Count, long Passed);

public interface IDmarcStore
{
    /// <summary>
    /// Stores the report with its rows, in place of one with the same report id and domain that the organisation has.
    /// Returns the id under which it stands: that of the former when there was one.
    /// </summary>
    Task<string> SaveAsync(DmarcReport report, CancellationToken cancellation);

    /// <summary>The newest received first, by <see cref="PageCursor.At"/> = time of receipt. A page ends early before it would hold more than 20 000 rows.</summary>
    Task<Page<DmarcReport>> ListAsync(string orgId, string domain, int limit, PageCursor? cursor, CancellationToken cancellation);

    /// <summary>Over the reports whose end lies in <paramref name="from"/> (inclusive) to <paramref name="to"/> (inclusive), Unix ms.</summary>
    Task<DmarcSummary> SummariseAsync(string orgId, string domain, long from, long to, int topSources, CancellationToken cancellation);
}

/// <summary>What both engines mean by a page of reports, and by mail that passed.</summary>
internal static class DmarcReportPage
{
    private const int MostRows = 20_000;

    public static HeavyPage<DmarcReport> New(int limit) => new(limit, MostRows, static report => report.Rows.Count);

    public static PageCursor CursorOf(DmarcReport report) => new(0, report.ReceivedAt, report.Id);

    /// <summary>RFC 7489 §3.1: either of the two, aligned, will do.</summary>
    public static bool Passes(DmarcRow row) => row.DkimResult == "pass" || row.SpfResult == "pass";
}

namespace Commune.Storage.Sqlite;

internal sealed class SqliteDmarcStore(SqliteStore store) : IDmarcStore
{
    public Task<string> SaveAsync(DmarcReport report, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            var id = session.Text(
                "SELECT id FROM dmarc_reports WHERE org_id = ?1 AND domain = ?2 AND report_id = ?3", report.OrgId, report.Domain, report.ReportId)
                ?? report.Id;
            session.Execute("DELETE FROM dmarc_rows WHERE org_id = ?1 AND dmarc_id = ?2", report.OrgId, id);
            session.Execute(
                """
                INSERT OR REPLACE INTO dmarc_reports (
                    org_id, id, report_id, domain, domain_id, org_name, email, date_begin, date_end,
                    policy_domain, adkim, aspf, p, sp, pct, received_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
                """,
                report.OrgId, id, report.ReportId, report.Domain, report.DomainId, report.OrgName, report.Email, report.Begin, report.End,
                report.Policy.Domain, report.Policy.Adkim, report.Policy.Aspf, report.Policy.P, report.Policy.Sp, (long)report.Policy.Pct, report.ReceivedAt);
            for (var i = 0; i < report.Rows.Count; i++)
                Insert(session, report.OrgId, id, i, report.Rows[i]);
            return id;
        },
        cancellation);

    public Task<Page<DmarcReport>> ListAsync(string orgId, string domain, int limit, PageCursor? cursor, CancellationToken cancellation) =>
        store.ReadSnapshotAsync(
            session =>
            {
                var page = DmarcReportPage.New(limit);
                foreach (var report in Heads(session, orgId, domain, limit, cursor))
                {
                    if (!page.TryAdd(report with { Rows = Rows(session, orgId, report.Id) }))
                        break;
                }
                return page.ToPage(DmarcReportPage.CursorOf);
            },
            cancellation);

    public Task<DmarcSummary> SummariseAsync(string orgId, string domain, long from, long to, int topSources, CancellationToken cancellation) =>
        store.ReadSnapshotAsync(
            session =>
            {
                var sources = new List<DmarcSource>();
                using (var row = session.Query(
                    """
                    SELECT w.source_ip, SUM(w.count), SUM(w.count * w.passed)
                    FROM dmarc_reports r JOIN dmarc_rows w ON w.org_id = r.org_id AND w.dmarc_id = r.id
                    WHERE r.org_id = ?1 AND r.domain = ?2 AND r.date_end BETWEEN ?3 AND ?4
                    GROUP BY w.source_ip ORDER BY 2 DESC, 1 LIMIT ?5
                    """,
                    orgId, domain, from, to, (long)topSources))
                {
                    while (row.Read())
                        sources.Add(new DmarcSource(row.Text(0), row.Number(1), row.Number(2)));
                }
                using var totals = session.Query(
                    """
                    SELECT COUNT(DISTINCT r.id), COALESCE(SUM(w.count), 0), COALESCE(SUM(w.count * w.passed), 0),
                        COALESCE(SUM(CASE WHEN w.dkim_result = 'pass' THEN w.count END), 0),
                        COALESCE(SUM(CASE WHEN w.spf_result = 'pass' THEN w.count END), 0),
                        COALESCE(SUM(CASE WHEN w.passed = 0 AND w.disposition <> 'none' THEN w.count END), 0)
                    FROM dmarc_reports r LEFT JOIN dmarc_rows w ON w.org_id = r.org_id AND w.dmarc_id = r.id
                    WHERE r.org_id = ?1 AND r.domain = ?2 AND r.date_end BETWEEN ?3 AND ?4
                    """,
                    orgId, domain, from, to);
                totals.Read();
                return new DmarcSummary((int)totals.Number(0), totals.Number(1), totals.Number(2), totals.Number(3), totals.Number(4), totals.Number(5), sources);
            },
            cancellation);

    private static void Insert(SqliteSession session, string orgId, string id, long position, DmarcRow row) => session.Execute(
        """
        INSERT INTO dmarc_rows (
            org_id, dmarc_id, position, source_ip, count, disposition, dkim_result, spf_result, passed, header_from,
            dkim_domain, dkim_selector, spf_domain)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        """,
        orgId, id, position, row.SourceIp, row.Count, row.Disposition, row.DkimResult, row.SpfResult, DmarcReportPage.Passes(row),
        row.HeaderFrom, row.DkimDomain, row.DkimSelector, row.SpfDomain);

    private static List<DmarcReport> Heads(SqliteSession session, string orgId, string domain, int limit, PageCursor? cursor)
    {
        var heads = new List<DmarcReport>();
        using var row = session.Query(
            """
            SELECT id, report_id, domain_id, org_name, email, date_begin, date_end, policy_domain, adkim, aspf, p, sp, pct, received_at
            FROM dmarc_reports
            WHERE org_id = ?1 AND domain = ?2 AND (received_at, id) < (?3, ?4)
            ORDER BY received_at DESC, id DESC LIMIT ?5
            """,
            orgId, domain, cursor?.At ?? long.MaxValue, cursor?.Id ?? "", limit + 1L);
        while (row.Read())
        {
            heads.Add(new DmarcReport(orgId, row.Text(0), row.Text(1), row.Text(3), row.Text(4), domain, row.TextOrNull(2), row.Number(5), row.Number(6),
                new DmarcPolicy(row.Text(7), row.Text(8), row.Text(9), row.Text(10), row.Text(11), (int)row.Number(12)), [], row.Number(13)));
        }
        return heads;
    }

    private static List<DmarcRow> Rows(SqliteSession session, string orgId, string id)
    {
        var rows = new List<DmarcRow>();
        using var row = session.Query(
            """
            SELECT source_ip, count, disposition, dkim_result, spf_result, header_from, dkim_domain, dkim_selector, spf_domain
            FROM dmarc_rows WHERE org_id = ?1 AND dmarc_id = ?2 ORDER BY position
            """,
            orgId, id);
        while (row.Read())
        {
            rows.Add(new DmarcRow(row.Text(0), row.Number(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5),
                row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8)));
        }
        return rows;
    }
}

namespace Commune.Storage.Postgres;

internal sealed class PostgresDmarcStore(PostgresDatabase database) : IDmarcStore
{
    public Task<string> SaveAsync(DmarcReport report, CancellationToken cancellation) =>
        database.TransactAsync(
            async session =>
            {
                // The same report may come in twice at once: the second waits at the row of the first.
                var kept = await session.FindAsync(
                    """
                    INSERT INTO dmarc_reports (
                        org_id, id, report_id, domain, domain_id, org_name, email, date_begin, date_end,
                        policy_domain, adkim, aspf, p, sp, pct, received_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
                    ON CONFLICT (org_id, domain, report_id) DO UPDATE SET
                        domain_id = excluded.domain_id, org_name = excluded.org_name, email = excluded.email,
                        date_begin = excluded.date_begin, date_end = excluded.date_end, policy_domain = excluded.policy_domain,
                        adkim = excluded.adkim, aspf = excluded.aspf, p = excluded.p, sp = excluded.sp, pct = excluded.pct,
                        received_at = excluded.received_at
                    RETURNING id
                    """,
                    static row => row.GetString(0), cancellation, report.OrgId, report.Id, report.ReportId, report.Domain, report.DomainId,
                    report.OrgName, report.Email, report.Begin, report.End, report.Policy.Domain, report.Policy.Adkim, report.Policy.Aspf,
                    report.Policy.P, report.Policy.Sp, report.Policy.Pct, report.ReceivedAt);
                await session.ExecuteAsync("DELETE FROM dmarc_rows WHERE org_id = $1 AND dmarc_id = $2", cancellation, report.OrgId, kept);
                await InsertAsync(session, report, kept!, cancellation);
                return kept!;
            },
            cancellation);

    public async Task<Page<DmarcReport>> ListAsync(string orgId, string domain, int limit, PageCursor? cursor, CancellationToken cancellation)
    {
        var heads = await database.QueryAsync(
            """
            SELECT id, report_id, domain_id, org_name, email, date_begin, date_end, policy_domain, adkim, aspf, p, sp, pct, received_at
            FROM dmarc_reports
            WHERE org_id = $1 AND domain = $2 AND (received_at, id) < ($3, $4)
            ORDER BY received_at DESC, id DESC LIMIT $5
            """,
            row => new DmarcReport(orgId, row.GetString(0), row.GetString(1), row.GetString(3), row.GetString(4), domain, row.TextOrNull(2),
                row.GetInt64(5), row.GetInt64(6),
                new DmarcPolicy(row.GetString(7), row.GetString(8), row.GetString(9), row.GetString(10), row.GetString(11), row.GetInt32(12)), [], row.GetInt64(13)),
            cancellation, orgId, domain, cursor?.At ?? long.MaxValue, cursor?.Id ?? "", limit + 1L);
        var page = DmarcReportPage.New(limit);
        foreach (var report in heads)
        {
            if (!page.TryAdd(report with { Rows = await RowsAsync(orgId, report.Id, cancellation) }))
                break;
        }
        return page.ToPage(DmarcReportPage.CursorOf);
    }

    public async Task<DmarcSummary> SummariseAsync(string orgId, string domain, long from, long to, int topSources, CancellationToken cancellation)
    {
        var sources = await database.QueryAsync(
            """
            SELECT w.source_ip, sum(w.count)::bigint, sum(w.count * w.passed)::bigint
            FROM dmarc_reports r JOIN dmarc_rows w ON w.org_id = r.org_id AND w.dmarc_id = r.id
            WHERE r.org_id = $1 AND r.domain = $2 AND r.date_end BETWEEN $3 AND $4
            GROUP BY w.source_ip ORDER BY 2 DESC, 1 LIMIT $5
            """,
            static row => new DmarcSource(row.GetString(0), row.GetInt64(1), row.GetInt64(2)), cancellation, orgId, domain, from, to, (long)topSources);
        var totals = await database.FindAsync(
            """
            SELECT count(DISTINCT r.id), coalesce(sum(w.count), 0)::bigint, coalesce(sum(w.count * w.passed), 0)::bigint,
                coalesce(sum(w.count) FILTER (WHERE w.dkim_result = 'pass'), 0)::bigint,
                coalesce(sum(w.count) FILTER (WHERE w.spf_result = 'pass'), 0)::bigint,
                coalesce(sum(w.count) FILTER (WHERE w.passed = 0 AND w.disposition <> 'none'), 0)::bigint
            FROM dmarc_reports r LEFT JOIN dmarc_rows w ON w.org_id = r.org_id AND w.dmarc_id = r.id
            WHERE r.org_id = $1 AND r.domain = $2 AND r.date_end BETWEEN $3 AND $4
            """,
            row => new DmarcSummary((int)row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), sources),
            cancellation, orgId, domain, from, to);
        return totals!;
    }

    private static Task<int> InsertAsync(PostgresSession session, DmarcReport report, string id, CancellationToken cancellation)
    {
        var rows = report.Rows;
        return session.ExecuteAsync(
            """
            INSERT INTO dmarc_rows (
                org_id, dmarc_id, position, source_ip, count, disposition, dkim_result, spf_result, passed, header_from,
                dkim_domain, dkim_selector, spf_domain)
            SELECT $1, $2, w.*
            FROM unnest($3::int[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::int[], $10::text[], $11::text[], $12::text[], $13::text[]) w
            """,
            cancellation, report.OrgId, id, Enumerable.Range(0, rows.Count).ToArray(), Column(static r => r.SourceIp),
            rows.Select(static r => r.Count).ToArray(), Column(static r => r.Disposition), Column(static r => r.DkimResult),
            Column(static r => r.SpfResult), rows.Select(static r => DmarcReportPage.Passes(r) ? 1 : 0).ToArray(), Column(static r => r.HeaderFrom),
            Column(static r => r.DkimDomain), Column(static r => r.DkimSelector), Column(static r => r.SpfDomain));

        string?[] Column(Func<DmarcRow, string?> text) => [.. rows.Select(text)];
    }

    private Task<List<DmarcRow>> RowsAsync(string orgId, string id, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            SELECT source_ip, count, disposition, dkim_result, spf_result, header_from, dkim_domain, dkim_selector, spf_domain
            FROM dmarc_rows WHERE org_id = $1 AND dmarc_id = $2 ORDER BY position
            """,
            static row => new DmarcRow(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
                row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8)),
            cancellation, orgId, id);
}

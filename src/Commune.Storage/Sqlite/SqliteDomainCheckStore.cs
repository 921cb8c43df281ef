namespace Commune.Storage.Sqlite;

internal sealed class SqliteDomainCheckStore(SqliteStore store) : IDomainCheckStore
{
    public Task<DomainCheckResult> RecordAsync(DomainCheck check, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (SqliteDomainStore.Get(session, check.OrgId, check.DomainId) is not { Shared: false } domain)
                return DomainCheckResult.NotFound;
            if (!SqliteDomainStore.SetStatus(session, domain, check.Status, check.At))
                return DomainCheckResult.Taken;

            var brokenAt = session.Number("SELECT broken_at FROM domain_checks WHERE org_id = ?1 AND domain_id = ?2", check.OrgId, check.DomainId);
            session.Execute(
                """
                INSERT OR REPLACE INTO domain_checks (org_id, domain_id, records, checked_at, broken_at, next_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                """,
                check.OrgId, check.DomainId, check.Records, check.At, check.BrokenAt, check.NextAt);
            if (DomainCheckEvents.TypeOf(domain.Status, brokenAt, check) is { } type)
                writes.AppendEvent(check.OrgId, type, null, null, null, DomainCheckEvents.DataOf(domain, check));
            writes.Audit(audit);
            return DomainCheckResult.Recorded;
        },
        cancellation);

    public Task<KeptDomainCheck?> GetAsync(string orgId, string domainId, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query(
                "SELECT records, checked_at, broken_at FROM domain_checks WHERE org_id = ?1 AND domain_id = ?2", orgId, domainId);
            return row.Read() ? new KeptDomainCheck(row.TextOrNull(0), row.NumberOrNull(1), row.NumberOrNull(2)) : null;
        },
        cancellation);

    public Task<IReadOnlyList<Domain>> ClaimDueAsync(long now, long until, int max, CancellationToken cancellation) =>
        store.WriteAsync<IReadOnlyList<Domain>>(
            writes =>
            {
                var due = new List<(string OrgId, string DomainId)>();
                using (var row = writes.Session.Query(
                    "SELECT org_id, domain_id FROM domain_checks WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2", now, (long)max))
                {
                    while (row.Read())
                        due.Add((row.Text(0), row.Text(1)));
                }
                var domains = new List<Domain>();
                foreach (var (orgId, domainId) in due)
                {
                    writes.Session.Execute("UPDATE domain_checks SET next_at = ?3 WHERE org_id = ?1 AND domain_id = ?2", orgId, domainId, until);
                    if (SqliteDomainStore.Get(writes.Session, orgId, domainId) is { } domain)
                        domains.Add(domain);
                }
                return domains;
            },
            cancellation);
}

namespace Commune.Storage.Postgres;

internal sealed class PostgresDomainCheckStore(PostgresDatabase database) : IDomainCheckStore
{
    public Task<DomainCheckResult> RecordAsync(DomainCheck check, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                var head = await session.LockOrganisationAsync(check.OrgId, check.At, cancellation);
                if (head is null || await PostgresDomainStore.FindOwnAsync(session, check.OrgId, check.DomainId, cancellation) is not { Shared: false } domain)
                    return DomainCheckResult.NotFound;
                if (!await PostgresDomainStore.SetStatusAsync(session, domain, check.Status, check.At, cancellation))
                    return DomainCheckResult.Taken;

                var former = await FindAsync(session, check.OrgId, check.DomainId, cancellation);
                await session.ExecuteAsync(
                    """
                    INSERT INTO domain_checks (org_id, domain_id, records, checked_at, broken_at, next_at)
                    VALUES ($1, $2, $3, $4, $5, $6)
                    ON CONFLICT (org_id, domain_id) DO UPDATE SET
                        records = excluded.records, checked_at = excluded.checked_at, broken_at = excluded.broken_at, next_at = excluded.next_at
                    """,
                    cancellation, check.OrgId, check.DomainId, check.Records, check.At, check.BrokenAt, check.NextAt);
                if (DomainCheckEvents.TypeOf(domain.Status, former?.BrokenAt, check) is { } type)
                {
                    await session.AppendAsync(
                        head, head.Append(type, inboxId: null, threadId: null, messageId: null, DomainCheckEvents.DataOf(domain, check)), cancellation);
                }
                await session.AuditAsync(audit, cancellation);
                return DomainCheckResult.Recorded;
            },
            cancellation);

    public Task<KeptDomainCheck?> GetAsync(string orgId, string domainId, CancellationToken cancellation) =>
        database.TransactAsync(session => FindAsync(session, orgId, domainId, cancellation), cancellation);

    public async Task<IReadOnlyList<Domain>> ClaimDueAsync(long now, long until, int max, CancellationToken cancellation) =>
        await database.QueryAsync(
            $"""
            WITH due AS (
                UPDATE domain_checks c SET next_at = $2
                FROM (SELECT org_id, domain_id FROM domain_checks WHERE next_at <= $1 ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED) t
                WHERE c.org_id = t.org_id AND c.domain_id = t.domain_id
                RETURNING c.org_id, c.domain_id
            )
            SELECT {PostgresDomainStore.Columns} FROM due JOIN domains d ON d.org_id = due.org_id AND d.id = due.domain_id
            """,
            PostgresDomainStore.Read, cancellation, now, until, (long)max);

    private static Task<KeptDomainCheck?> FindAsync(PostgresSession session, string orgId, string domainId, CancellationToken cancellation) =>
        session.FindAsync(
            "SELECT records, checked_at, broken_at FROM domain_checks WHERE org_id = $1 AND domain_id = $2",
            static row => new KeptDomainCheck(row.TextOrNull(0), row.LongOrNull(1), row.LongOrNull(2)), cancellation, orgId, domainId);
}

namespace Commune.Storage.Sqlite;

internal sealed class SqliteMtaStsStore(SqliteStore store) : IMtaStsStore
{
    public Task<CachedMtaStsPolicy?> GetAsync(string domain, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query("SELECT policy_id, policy, fetched_at, expires_at FROM mta_sts WHERE domain = ?1", domain);
            return row.Read() ? new CachedMtaStsPolicy(domain, row.Text(0), row.Text(1), row.Number(2), row.Number(3)) : null;
        },
        cancellation);

    public Task PutAsync(CachedMtaStsPolicy policy, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            """
            INSERT INTO mta_sts (domain, policy_id, policy, fetched_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (domain) DO UPDATE SET
              policy_id = excluded.policy_id, policy = excluded.policy, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
            WHERE fetched_at <= excluded.fetched_at
            """,
            policy.Domain, policy.PolicyId, policy.Policy, policy.FetchedAt, policy.ExpiresAt),
        cancellation);
}

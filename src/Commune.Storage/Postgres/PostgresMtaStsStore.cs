namespace Commune.Storage.Postgres;

internal sealed class PostgresMtaStsStore(PostgresDatabase database) : IMtaStsStore
{
    public Task<CachedMtaStsPolicy?> GetAsync(string domain, CancellationToken cancellation) =>
        database.FindAsync(
            "SELECT policy_id, policy, fetched_at, expires_at FROM mta_sts WHERE domain = $1",
            row => new CachedMtaStsPolicy(domain, row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3)),
            cancellation, domain);

    public Task PutAsync(CachedMtaStsPolicy policy, CancellationToken cancellation) =>
        database.ExecuteAsync(
            """
            INSERT INTO mta_sts AS m (domain, policy_id, policy, fetched_at, expires_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (domain) DO UPDATE
            SET policy_id = excluded.policy_id, policy = excluded.policy, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
            WHERE m.fetched_at <= excluded.fetched_at
            """,
            cancellation, policy.Domain, policy.PolicyId, policy.Policy, policy.FetchedAt, policy.ExpiresAt);
}

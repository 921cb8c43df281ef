namespace Commune.Storage.Sqlite;

internal sealed class SqliteModelSpendingStore(SqliteStore store) : IModelSpendingStore
{
    private const int SweptAtOnce = 1000;

    public Task<bool> TryTakeAsync(string orgId, long day, long tokens, long allowance, CancellationToken cancellation) => store.WriteAsync(
        writes => tokens <= allowance && writes.Session.Execute(
            """
            INSERT INTO model_spending (org_id, day, tokens) VALUES (?1, ?2, ?3)
            ON CONFLICT (org_id, day) DO UPDATE SET tokens = tokens + excluded.tokens WHERE tokens + excluded.tokens <= ?4
            """,
            orgId, day, tokens, allowance) == 1,
        cancellation);

    public Task CorrectAsync(string orgId, long day, long tokens, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute("UPDATE model_spending SET tokens = max(0, tokens + ?3) WHERE org_id = ?1 AND day = ?2", orgId, day, tokens),
        cancellation);

    public Task SweepAsync(long beforeDay, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "DELETE FROM model_spending WHERE (org_id, day) IN (SELECT org_id, day FROM model_spending WHERE day < ?1 LIMIT ?2)", beforeDay, SweptAtOnce),
        cancellation);
}

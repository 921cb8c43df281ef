namespace Commune.Storage.Sqlite;

internal sealed class SqliteModelSpendingStore(SqliteStore store) : IModelSpendingStore
{
    private const int SweptAtOnce = 1000;

    public Task<bool> TryTakeAsync(string orgId, string work, long day, long tokens, long allowance, CancellationToken cancellation) => store.WriteAsync(
        writes => tokens <= allowance && writes.Session.Execute(
            """
            INSERT INTO model_spending (org_id, day, work, tokens) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (org_id, day, work) DO UPDATE SET tokens = tokens + excluded.tokens WHERE tokens + excluded.tokens <= ?5
            """,
            orgId, day, work, tokens, allowance) == 1,
        cancellation);

    public Task CorrectAsync(string orgId, string work, long day, long tokens, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "UPDATE model_spending SET tokens = max(0, tokens + ?4) WHERE org_id = ?1 AND day = ?2 AND work = ?3", orgId, day, work, tokens),
        cancellation);

    public Task SweepAsync(long beforeDay, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "DELETE FROM model_spending WHERE (org_id, day, work) IN (SELECT org_id, day, work FROM model_spending WHERE day < ?1 LIMIT ?2)",
            beforeDay, SweptAtOnce),
        cancellation);
}

namespace Commune.Storage.Postgres;

internal sealed class PostgresModelSpendingStore(PostgresDatabase database) : IModelSpendingStore
{
    private const int SweptAtOnce = 10_000;

    public async Task<bool> TryTakeAsync(string orgId, string work, long day, long tokens, long allowance, CancellationToken cancellation) =>
        tokens <= allowance && await database.ExecuteAsync(
            """
            INSERT INTO model_spending AS s (org_id, day, work, tokens) VALUES ($1, $2, $3, $4)
            ON CONFLICT (org_id, day, work) DO UPDATE SET tokens = s.tokens + excluded.tokens WHERE s.tokens + excluded.tokens <= $5
            """,
            cancellation, orgId, day, work, tokens, allowance) == 1;

    public Task CorrectAsync(string orgId, string work, long day, long tokens, CancellationToken cancellation) => database.ExecuteAsync(
        "UPDATE model_spending SET tokens = GREATEST(0, tokens + $4) WHERE org_id = $1 AND day = $2 AND work = $3", cancellation, orgId, day, work, tokens);

    public Task SweepAsync(long beforeDay, CancellationToken cancellation) => database.ExecuteAsync(
        "DELETE FROM model_spending WHERE (org_id, day, work) IN (SELECT org_id, day, work FROM model_spending WHERE day < $1 LIMIT $2)",
        cancellation, beforeDay, SweptAtOnce);
}

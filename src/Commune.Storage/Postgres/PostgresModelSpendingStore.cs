namespace Commune.Storage.Postgres;

internal sealed class PostgresModelSpendingStore(PostgresDatabase database) : IModelSpendingStore
{
    private const int SweptAtOnce = 10_000;

    public async Task<bool> TryTakeAsync(string orgId, long day, long tokens, long allowance, CancellationToken cancellation) =>
        tokens <= allowance && await database.ExecuteAsync(
            """
            INSERT INTO model_spending AS s (org_id, day, tokens) VALUES ($1, $2, $3)
            ON CONFLICT (org_id, day) DO UPDATE SET tokens = s.tokens + excluded.tokens WHERE s.tokens + excluded.tokens <= $4
            """,
            cancellation, orgId, day, tokens, allowance) == 1;

    public Task CorrectAsync(string orgId, long day, long tokens, CancellationToken cancellation) => database.ExecuteAsync(
        "UPDATE model_spending SET tokens = GREATEST(0, tokens + $3) WHERE org_id = $1 AND day = $2", cancellation, orgId, day, tokens);

    public Task SweepAsync(long beforeDay, CancellationToken cancellation) => database.ExecuteAsync(
        "DELETE FROM model_spending WHERE (org_id, day) IN (SELECT org_id, day FROM model_spending WHERE day < $1 LIMIT $2)",
        cancellation, beforeDay, SweptAtOnce);
}

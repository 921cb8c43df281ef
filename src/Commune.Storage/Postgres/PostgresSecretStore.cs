namespace Commune.Storage.Postgres;

internal sealed class PostgresSecretStore(PostgresDatabase database) : ISecretStore
{
    public async Task<byte[]> GetOrAddAsync(string name, byte[] candidate, CancellationToken cancellation)
    {
        await database.ExecuteAsync("INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", cancellation, name, candidate);
        return (await database.FindAsync(
            "SELECT value FROM secrets WHERE name = $1", static row => row.GetFieldValue<byte[]>(0), cancellation, name))!;
    }

    public async Task<bool> ReplaceAsync(string name, byte[] present, byte[] next, CancellationToken cancellation) =>
        await database.ExecuteAsync("UPDATE secrets SET value = $3 WHERE name = $1 AND value = $2", cancellation, name, present, next) == 1;
}

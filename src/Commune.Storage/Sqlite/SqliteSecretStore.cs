namespace Commune.Storage.Sqlite;

internal sealed class SqliteSecretStore(SqliteStore store) : ISecretStore
{
    public Task<byte[]> GetOrAddAsync(string name, byte[] candidate, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            writes.Session.Execute("INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING", name, candidate);
            using var row = writes.Session.Query("SELECT value FROM secrets WHERE name = ?1", name);
            row.Read();
            return row.Bytes(0);
        },
        cancellation);

    public Task<bool> ReplaceAsync(string name, byte[] present, byte[] next, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute("UPDATE secrets SET value = ?3 WHERE name = ?1 AND value = ?2", name, present, next) == 1, cancellation);
}

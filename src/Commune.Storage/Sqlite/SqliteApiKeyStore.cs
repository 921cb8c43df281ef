namespace Commune.Storage.Sqlite;

internal sealed class SqliteApiKeyStore(SqliteStore store) : IApiKeyStore
{
    private const string Columns = "org_id, id, name, prefix, permissions, status, expires_at, last_used_at, created_at";

    public Task<ApiKey?> FindByHashAsync(byte[] hash, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query(
                $"SELECT {Columns} FROM api_keys WHERE (org_id, id) = (SELECT org_id, key_id FROM api_key_hashes WHERE hash = ?1)",
                hash);
            return row.Read() ? Map(row) : null;
        },
        cancellation);

    public Task CreateAsync(ApiKey key, byte[] hash, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            Insert(writes.Session, key, hash);
            return true;
        },
        cancellation);

    public Task<IReadOnlyList<ApiKey>> ListAsync(string orgId, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<ApiKey>>(
        session =>
        {
            var keys = new List<ApiKey>();
            using var row = session.Query($"SELECT {Columns} FROM api_keys WHERE org_id = ?1 ORDER BY created_at DESC, id DESC", orgId);
            while (row.Read())
                keys.Add(Map(row));
            return keys;
        },
        cancellation);

    public Task<bool> RevokeAsync(string orgId, string keyId, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "UPDATE api_keys SET status = 'inactive' WHERE org_id = ?1 AND id = ?2 AND status = 'active'", orgId, keyId) == 1,
        cancellation);

    internal static void Insert(SqliteSession session, ApiKey key, byte[] hash)
    {
        session.Execute(
            $"INSERT INTO api_keys ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            key.OrgId, key.Id, key.Name, key.Prefix, SqliteJson.Write(key.Permissions), key.Status,
            key.ExpiresAt, key.LastUsedAt, key.CreatedAt);
        session.Execute("INSERT INTO api_key_hashes (hash, org_id, key_id) VALUES (?1, ?2, ?3)", hash, key.OrgId, key.Id);
    }

    private static ApiKey Map(SqliteRows row) => new(
        row.Text(0), row.Text(1), row.Text(2), row.Text(3), SqliteJson.ReadTexts(row.Span(4)), row.Text(5),
        row.NumberOrNull(6), row.NumberOrNull(7), row.Number(8));
}

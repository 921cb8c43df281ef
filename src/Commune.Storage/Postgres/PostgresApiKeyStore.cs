using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresApiKeyStore(PostgresDatabase database) : IApiKeyStore
{
    private const string Columns = "k.org_id, k.id, k.name, k.prefix, k.permissions, k.status, k.expires_at, k.last_used_at, k.created_at";

    public Task<ApiKey?> FindByHashAsync(byte[] hash, CancellationToken cancellation) =>
        database.FindAsync(
            $"""
            SELECT {Columns}
            FROM api_key_hashes h
            JOIN api_keys k ON k.org_id = h.org_id AND k.id = h.key_id
            WHERE h.hash = $1
            """,
            Read, cancellation, hash);

    public Task CreateAsync(ApiKey key, byte[] hash, CancellationToken cancellation) =>
        database.TransactAsync(
            async session =>
            {
                await InsertAsync(session, key, hash, cancellation);
                return true;
            },
            cancellation);

    public async Task<IReadOnlyList<ApiKey>> ListAsync(string orgId, CancellationToken cancellation) =>
        await database.QueryAsync(
            $"SELECT {Columns} FROM api_keys k WHERE k.org_id = $1 ORDER BY k.created_at DESC, k.id DESC", Read, cancellation, orgId);

    public async Task<bool> RevokeAsync(string orgId, string keyId, CancellationToken cancellation) =>
        await database.ExecuteAsync(
            "UPDATE api_keys SET status = 'inactive' WHERE org_id = $1 AND id = $2 AND status <> 'inactive'", cancellation, orgId, keyId) == 1;

    internal static async Task InsertAsync(PostgresSession session, ApiKey key, byte[] hash, CancellationToken cancellation)
    {
        await session.ExecuteAsync(
            """
            INSERT INTO api_keys (org_id, id, name, prefix, permissions, status, expires_at, last_used_at, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            cancellation, key.OrgId, key.Id, key.Name, key.Prefix, PostgresJson.List(key.Permissions), key.Status, key.ExpiresAt, key.LastUsedAt,
            key.CreatedAt);
        await session.ExecuteAsync(
            "INSERT INTO api_key_hashes (hash, org_id, key_id) VALUES ($1, $2, $3)", cancellation, hash, key.OrgId, key.Id);
    }

    private static ApiKey Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), PostgresJson.ReadList(row.GetString(4)), row.GetString(5),
        row.LongOrNull(6), row.LongOrNull(7), row.GetInt64(8));
}

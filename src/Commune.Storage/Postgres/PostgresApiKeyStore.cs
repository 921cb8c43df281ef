using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresApiKeyStore(PostgresDatabase database) : IApiKeyStore
{
    private const string Columns = "k.org_id, k.id, k.name, k.prefix, k.permissions, k.status, k.expires_at, k.last_used_at, k.created_at";

    public Task<ApiKey?> FindByHashAsync(byte[] hash, CancellationToken cancellation) =>
        database.FindAsync(
            $"""
            SELECT {Columns}, h.expires_at
            FROM api_key_hashes h
            JOIN api_keys k ON k.org_id = h.org_id AND k.id = h.key_id
            WHERE h.hash = $1
            """,
            static row => Read(row) with { SecretExpiresAt = row.LongOrNull(9) }, cancellation, hash);

    public Task<KeyCreation> CreateAsync(
        ApiKey key, byte[] hash, CancellationToken cancellation, int most = int.MaxValue, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                // The organisation's row: two that count at once would together exceed the maximum.
                await session.LockOrganisationAsync(key.OrgId, key.CreatedAt, cancellation);
                if (most < int.MaxValue && await session.ExistsAsync(
                    """
                    SELECT 1
                    FROM api_keys
                    WHERE org_id = $1 AND status = 'active' AND (expires_at IS NULL OR expires_at > $2)
                    OFFSET $3 LIMIT 1
                    """,
                    cancellation, key.OrgId, key.CreatedAt, most - 1L))
                {
                    return KeyCreation.TooMany;
                }
                await InsertAsync(session, key, hash, cancellation);
                await session.AuditAsync(audit, cancellation);
                return KeyCreation.Created;
            },
            cancellation);

    public Task<ApiKey?> GetAsync(string orgId, string keyId, CancellationToken cancellation) =>
        database.FindAsync($"SELECT {Columns} FROM api_keys k WHERE k.org_id = $1 AND k.id = $2", Read, cancellation, orgId, keyId);

    public async Task<Page<ApiKey>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation) =>
        Page<ApiKey>.From(
            await database.QueryAsync(
                $"""
                SELECT {Columns}
                FROM api_keys k
                WHERE k.org_id = $1 AND (k.created_at, k.id) < ($2, $3)
                ORDER BY k.created_at DESC, k.id DESC
                LIMIT $4
                """,
                Read, cancellation, orgId, cursor?.At ?? long.MaxValue, cursor?.Id ?? "", limit + 1L),
            limit,
            static key => new PageCursor(0, key.CreatedAt, key.Id));

    public Task<ApiKey?> RotateAsync(
        string orgId, string keyId, string prefix, byte[] hash, long oldUntil, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                var rotated = await session.FindAsync(
                    $"UPDATE api_keys k SET prefix = $3 WHERE k.org_id = $1 AND k.id = $2 AND k.status = 'active' RETURNING {Columns}",
                    Read, cancellation, orgId, keyId, prefix);
                if (rotated is null)
                    return null;
                await session.ExecuteAsync(
                    "UPDATE api_key_hashes SET expires_at = LEAST(COALESCE(expires_at, $3), $3) WHERE org_id = $1 AND key_id = $2",
                    cancellation, orgId, keyId, oldUntil);
                await session.ExecuteAsync(
                    "INSERT INTO api_key_hashes (hash, org_id, key_id) VALUES ($1, $2, $3)", cancellation, hash, orgId, keyId);
                await session.AuditAsync(audit, cancellation);
                return rotated;
            },
            cancellation);

    public Task<bool> RevokeAsync(string orgId, string keyId, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                if (await session.ExecuteAsync(
                    "UPDATE api_keys SET status = 'inactive' WHERE org_id = $1 AND id = $2 AND status <> 'inactive'", cancellation, orgId, keyId) == 0)
                {
                    return false;
                }
                await session.AuditAsync(audit, cancellation);
                return true;
            },
            cancellation);

    public Task RecordUsesAsync(IReadOnlyList<KeyUse> uses, CancellationToken cancellation)
    {
        // In one order everywhere: two nodes that flush at once never wait for each other.
        var ordered = uses.OrderBy(static use => use.OrgId, StringComparer.Ordinal).ThenBy(static use => use.KeyId, StringComparer.Ordinal).ToArray();
        return database.ExecuteAsync(
            """
            UPDATE api_keys k
            SET last_used_at = u.at
            FROM unnest($1::text[], $2::text[], $3::bigint[]) AS u (org_id, id, at)
            WHERE k.org_id = u.org_id AND k.id = u.id AND (k.last_used_at IS NULL OR k.last_used_at < u.at)
            """,
            cancellation,
            ordered.Select(static use => use.OrgId).ToArray(), ordered.Select(static use => use.KeyId).ToArray(), ordered.Select(static use => use.At).ToArray());
    }

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

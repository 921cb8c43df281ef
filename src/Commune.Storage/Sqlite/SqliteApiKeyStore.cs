namespace Commune.Storage.Sqlite;

internal sealed class SqliteApiKeyStore(SqliteStore store, TimeProvider time) : IApiKeyStore
{
    private readonly KeptRows<string, ApiKey?> byHash = new(store, time);

    private const string Columns = "org_id, id, name, prefix, permissions, status, expires_at, last_used_at, created_at";

    public Task<ApiKey?> FindByHashAsync(byte[] hash, CancellationToken cancellation) => byHash.GetAsync(
        Convert.ToHexString(hash),
        session =>
        {
            using var row = session.Query(
                """
                SELECT k.org_id, k.id, k.name, k.prefix, k.permissions, k.status, k.expires_at, k.last_used_at, k.created_at, h.expires_at
                FROM api_key_hashes h
                JOIN api_keys k ON k.org_id = h.org_id AND k.id = h.key_id
                WHERE h.hash = ?1
                """,
                hash);
            return row.Read() ? Map(row) with { SecretExpiresAt = row.NumberOrNull(9) } : null;
        },
        cancellation);

    public Task<KeyCreation> CreateAsync(
        ApiKey key, byte[] hash, CancellationToken cancellation, int most = int.MaxValue, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            var active = writes.Session.Number(
                """
                SELECT count(*) FROM api_keys
                WHERE org_id = ?1 AND status = 'active' AND (expires_at IS NULL OR expires_at > ?2)
                """,
                key.OrgId, key.CreatedAt);
            if (active >= most)
                return KeyCreation.TooMany;
            Insert(writes.Session, key, hash);
            writes.Audit(audit);
            return KeyCreation.Created;
        },
        cancellation);

    public Task<ApiKey?> GetAsync(string orgId, string keyId, CancellationToken cancellation) =>
        store.ReadAsync(session => Get(session, orgId, keyId), cancellation);

    public Task<Page<ApiKey>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            var keys = new List<ApiKey>();
            using var row = session.Query(
                $"""
                SELECT {Columns} FROM api_keys
                WHERE org_id = ?1 AND (created_at, id) < (?2, ?3)
                ORDER BY created_at DESC, id DESC LIMIT ?4
                """,
                orgId, cursor?.At ?? long.MaxValue, cursor?.Id ?? "", limit + 1L);
            while (row.Read())
                keys.Add(Map(row));
            return Page<ApiKey>.From(keys, limit, static key => new PageCursor(0, key.CreatedAt, key.Id));
        },
        cancellation);

    public Task<ApiKey?> RotateAsync(
        string orgId, string keyId, string prefix, byte[] hash, long oldUntil, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (session.Execute(
                "UPDATE api_keys SET prefix = ?3 WHERE org_id = ?1 AND id = ?2 AND status = 'active'", orgId, keyId, prefix) == 0)
            {
                return null;
            }
            session.Execute(
                """
                UPDATE api_key_hashes SET expires_at = min(coalesce(expires_at, ?3), ?3) WHERE org_id = ?1 AND key_id = ?2
                """,
                orgId, keyId, oldUntil);
            session.Execute("INSERT INTO api_key_hashes (hash, org_id, key_id) VALUES (?1, ?2, ?3)", hash, orgId, keyId);
            writes.Audit(audit);
            return Get(session, orgId, keyId);
        },
        cancellation);

    public Task<bool> RevokeAsync(string orgId, string keyId, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            var revoked = writes.Session.Execute(
                "UPDATE api_keys SET status = 'inactive' WHERE org_id = ?1 AND id = ?2 AND status = 'active'", orgId, keyId) == 1;
            if (revoked)
                writes.Audit(audit);
            return revoked;
        },
        cancellation);

    public Task RecordUsesAsync(IReadOnlyList<KeyUse> uses, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            foreach (var use in uses)
            {
                writes.Session.Execute(
                    "UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?3) WHERE org_id = ?1 AND id = ?2",
                    use.OrgId, use.KeyId, use.At);
            }
            return true;
        },
        cancellation);

    internal static void Insert(SqliteSession session, ApiKey key, byte[] hash)
    {
        session.Execute(
            $"INSERT INTO api_keys ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            key.OrgId, key.Id, key.Name, key.Prefix, SqliteJson.Write(key.Permissions), key.Status,
            key.ExpiresAt, key.LastUsedAt, key.CreatedAt);
        session.Execute("INSERT INTO api_key_hashes (hash, org_id, key_id) VALUES (?1, ?2, ?3)", hash, key.OrgId, key.Id);
    }

    private static ApiKey? Get(SqliteSession session, string orgId, string keyId)
    {
        using var row = session.Query($"SELECT {Columns} FROM api_keys WHERE org_id = ?1 AND id = ?2", orgId, keyId);
        return row.Read() ? Map(row) : null;
    }

    private static ApiKey Map(SqliteRows row) => new(
        row.Text(0), row.Text(1), row.Text(2), row.Text(3), SqliteJson.ReadTexts(row.Span(4)), row.Text(5),
        row.NumberOrNull(6), row.NumberOrNull(7), row.Number(8));
}

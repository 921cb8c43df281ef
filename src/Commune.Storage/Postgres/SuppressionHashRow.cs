namespace Commune.Storage.Postgres;

/// <summary>Rows of <c>suppression_hashes</c>.</summary>
internal static class SuppressionHashRow
{
    /// <summary>The entries for those of the addresses that have one.</summary>
    public static async Task<List<Suppression>> FindAsync(
        PostgresSession session, string orgId, IReadOnlyCollection<string> addresses, CancellationToken cancellation)
    {
        var found = new List<Suppression>();
        if (addresses.Count == 0 || await KeyAsync(session, cancellation) is not { } key)
            return found;
        var hashes = new Dictionary<string, (byte[] Hash, string Address)>(StringComparer.Ordinal);
        foreach (var address in addresses)
        {
            var hash = SuppressionHash.Of(key, address);
            hashes[Convert.ToHexString(hash)] = (hash, address);
        }
        await session.QueryAsync(
            "SELECT hash, reason, suppressed_at FROM suppression_hashes WHERE org_id = $1 AND hash = ANY ($2)",
            row =>
            {
                var (hash, address) = hashes[Convert.ToHexString(row.GetFieldValue<byte[]>(0))];
                found.Add(SuppressionHash.ToEntry(orgId, hash, address, row.GetString(1), row.GetInt64(2)));
                return true;
            },
            cancellation, orgId, hashes.Values.Select(static entry => entry.Hash).ToArray());
        return found;
    }

    public static Task<bool> AnyAsync(PostgresSession session, string orgId, CancellationToken cancellation) =>
        session.ExistsAsync("SELECT 1 FROM suppression_hashes WHERE org_id = $1 LIMIT 1", cancellation, orgId);

    /// <summary>Keeps what lasts of the entries that the next batch deletes.</summary>
    /// <param name="select">Gives their address, reason, time and end.</param>
    public static async Task KeepAsync(PostgresSession session, string select, CancellationToken cancellation, params object?[] values)
    {
        var entries = (await session.QueryAsync(
            select, static row => (Address: row.GetString(0), Reason: row.GetString(1), At: row.GetInt64(2), ExpiresAt: row.LongOrNull(3)), cancellation, values))
            .Where(static entry => entry.ExpiresAt is null).ToList();
        if (entries.Count == 0)
            return;
        await session.ExecuteAsync(
            "INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", cancellation, SuppressionHash.SecretName, SuppressionHash.NewKey());
        var key = (await KeyAsync(session, cancellation))!;
        await session.ExecuteAsync(
            """
            INSERT INTO suppression_hashes (org_id, hash, reason, suppressed_at)
            SELECT $1, k.hash, k.reason, k.at FROM unnest($2::bytea[], $3::text[], $4::bigint[]) AS k (hash, reason, at)
            ON CONFLICT DO NOTHING
            """,
            cancellation, values[0], entries.Select(entry => SuppressionHash.Of(key, entry.Address)).ToArray(),
            entries.Select(static entry => entry.Reason).ToArray(), entries.Select(static entry => entry.At).ToArray());
    }

    public static async Task<bool> RemoveAsync(PostgresSession session, string orgId, string address, CancellationToken cancellation) =>
        await KeyAsync(session, cancellation) is { } key && await session.ExecuteAsync(
            "DELETE FROM suppression_hashes WHERE org_id = $1 AND hash = $2", cancellation, orgId, SuppressionHash.Of(key, address)) == 1;

    private static Task<byte[]?> KeyAsync(PostgresSession session, CancellationToken cancellation) => session.FindAsync(
        "SELECT value FROM secrets WHERE name = $1", static row => row.GetFieldValue<byte[]>(0), cancellation, SuppressionHash.SecretName);
}

namespace Commune.Storage.Sqlite;

/// <summary>Rows of <c>suppression_hashes</c>.</summary>
internal static class SuppressionHashRow
{
    /// <summary>The entry for an address, or null. Who never deleted anything pays for one look.</summary>
    public static Suppression? Find(SqliteSession session, string orgId, string address)
    {
        if (!session.Any("SELECT 1 FROM suppression_hashes WHERE org_id = ?1 LIMIT 1", orgId) || Key(session) is not { } key)
            return null;
        var hash = SuppressionHash.Of(key, address);
        using var row = session.Query("SELECT reason, suppressed_at FROM suppression_hashes WHERE org_id = ?1 AND hash = ?2", orgId, hash);
        return row.Read() ? SuppressionHash.ToEntry(orgId, hash, address, row.Text(0), row.Number(1)) : null;
    }

    /// <summary>Keeps what lasts of the entries that the next batch deletes.</summary>
    /// <param name="select">Gives their address, reason, time and end.</param>
    public static void Keep(SqliteSession session, string select, string orgId, int limit, string? inboxId)
    {
        var entries = new List<(string Address, string Reason, long At)>();
        using (var row = inboxId is null ? session.Query(select, orgId, limit) : session.Query(select, orgId, limit, inboxId))
        {
            while (row.Read())
            {
                if (row.IsNull(3))
                    entries.Add((row.Text(0), row.Text(1), row.Number(2)));
            }
        }
        if (entries.Count == 0)
            return;
        session.Execute("INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING", SuppressionHash.SecretName, SuppressionHash.NewKey());
        var key = Key(session)!;
        foreach (var (address, reason, at) in entries)
        {
            session.Execute(
                "INSERT INTO suppression_hashes (org_id, hash, reason, suppressed_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                orgId, SuppressionHash.Of(key, address), reason, at);
        }
    }

    public static bool Remove(SqliteSession session, string orgId, string address) => Key(session) is { } key
        && session.Execute("DELETE FROM suppression_hashes WHERE org_id = ?1 AND hash = ?2", orgId, SuppressionHash.Of(key, address)) == 1;

    private static byte[]? Key(SqliteSession session)
    {
        using var row = session.Query("SELECT value FROM secrets WHERE name = ?1", SuppressionHash.SecretName);
        return row.Read() ? row.Bytes(0) : null;
    }
}

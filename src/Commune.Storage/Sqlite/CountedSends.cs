namespace Commune.Storage.Sqlite;

/// <summary>The sends that caps count, summed over the counts per second.</summary>
internal static class CountedSends
{
    /// <summary>The first cap that is reached, or null.</summary>
    public static QueueResult.CapReached? FindReached(SqliteSession session, string orgId, IReadOnlyList<SendCap> caps, long now)
    {
        var second = now / 1000;
        foreach (var cap in caps)
        {
            using var row = session.Query(
                "SELECT sum(count), min(second) FROM counted_sends WHERE org_id = ?1 AND counted = ?2 AND second > ?3",
                orgId, cap.Counted, second - cap.WindowSeconds);
            var (used, oldest) = row.Read() && !row.IsNull(0) ? (row.Number(0), row.Number(1)) : (0, second);
            if (used >= cap.Most)
                return new QueueResult.CapReached(cap, (oldest + cap.WindowSeconds) * 1000);
        }
        return null;
    }

    public static void Count(SqliteSession session, string orgId, IReadOnlyList<SendCap> caps, long now)
    {
        foreach (var counted in caps.Select(static cap => cap.Counted).Distinct(StringComparer.Ordinal))
        {
            session.Execute(
                """
                INSERT INTO counted_sends (org_id, counted, second, count) VALUES (?1, ?2, ?3, 1)
                ON CONFLICT (org_id, counted, second) DO UPDATE SET count = count + 1
                """,
                orgId, counted, now / 1000);
        }
    }
}

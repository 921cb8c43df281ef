namespace Commune.Storage.Sqlite;

/// <summary>The sliding hour and day of accepted sends (contract section 4), summed over the counts per second.</summary>
internal static class SendWindows
{
    public const long DaySeconds = 24 * 60 * 60;
    private const long HourSeconds = 60 * 60;

    public static SendUsage Read(SqliteSession session, string orgId, long now)
    {
        var second = now / 1000;
        var (hour, hourFrees) = Window(session, orgId, second, HourSeconds);
        var (day, dayFrees) = Window(session, orgId, second, DaySeconds);
        return new SendUsage(hour, day, hourFrees, dayFrees);
    }

    public static void Count(SqliteSession session, string orgId, long now) => session.Execute(
        """
        INSERT INTO sends (org_id, second, count) VALUES (?1, ?2, 1)
        ON CONFLICT (org_id, second) DO UPDATE SET count = count + 1
        """,
        orgId, now / 1000);

    /// <summary>The sends of the window, and when the oldest of them leaves it (Unix ms).</summary>
    private static (int Count, long FreesAt) Window(SqliteSession session, string orgId, long second, long length)
    {
        using var row = session.Query(
            "SELECT sum(count), min(second) FROM sends WHERE org_id = ?1 AND second > ?2 AND second <= ?3",
            orgId, second - length, second);
        return row.Read() && !row.IsNull(0) ? ((int)row.Number(0), (row.Number(1) + length) * 1000) : (0, 0);
    }
}

using System.Globalization;
using System.Text;

namespace Commune.Storage.Sqlite;

/// <summary>
/// What the planner is told about the tables: an organisation has many rows, and each further column of an index leaves a hundredth of them.
/// Told nothing, SQLite takes ten rows for an organisation and walks them all by the primary key, where an index has the one that is asked
/// for. The numbers are of our own and not counted (<c>ANALYZE</c>), so that a statement has the same plan in every database.
/// </summary>
internal static class SqliteStatistics
{
    private const int Rows = 1_000_000;
    private const int OfOrganisation = 100_000;
    private const int FewestOfOthers = 10;

    /// <summary>Writes them where they differ. A connection that is opened later plans by them, and so does this one.</summary>
    public static void Write(SqliteSession session)
    {
        // Makes the table that they stand in (SQLite, "The sqlite_stat1 table").
        session.Run("ANALYZE sqlite_schema");
        var ours = Estimates(session);
        if (ours.SequenceEqual(Present(session)))
            return;
        session.Run("BEGIN IMMEDIATE");
        try
        {
            session.Execute("DELETE FROM sqlite_stat1");
            foreach (var (table, index, numbers) in ours)
                session.Execute("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)", table, index, numbers);
            session.Run("COMMIT");
        }
        catch
        {
            if (session.InTransaction)
                session.Run("ROLLBACK");
            throw;
        }
        session.Run("ANALYZE sqlite_schema");
    }

    private static List<(string Table, string Index, string Numbers)> Estimates(SqliteSession session)
    {
        var found = new List<(string, string, string)>();
        // The index of a primary key bears the table's name where it is the table.
        using var row = session.Query(
            """
            SELECT t.name, CASE WHEN i.origin = 'pk' AND t.sql LIKE '%WITHOUT ROWID%' THEN t.name ELSE i.name END AS name_in_statistics, i."unique",
                (SELECT count(*) FROM pragma_index_info(i.name))
            FROM sqlite_schema t
            JOIN pragma_index_list(t.name) i
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!'
                AND (SELECT c.name FROM pragma_index_info(i.name) c WHERE c.seqno = 0) = 'org_id'
            ORDER BY t.name, name_in_statistics
            """);
        while (row.Read())
            found.Add((row.Text(0), row.Text(1), Numbers((int)row.Number(3), row.Number(2) == 1)));
        return found;
    }

    private static List<(string Table, string Index, string Numbers)> Present(SqliteSession session)
    {
        var found = new List<(string, string, string)>();
        using var row = session.Query("SELECT tbl, coalesce(idx, ''), coalesce(stat, '') FROM sqlite_stat1 ORDER BY tbl, idx");
        while (row.Read())
            found.Add((row.Text(0), row.Text(1), row.Text(2)));
        return found;
    }

    /// <summary>The rows of the index, then for each of its columns the rows that are the same up to it.</summary>
    private static string Numbers(int columns, bool unique)
    {
        var numbers = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Rows}");
        var same = OfOrganisation;
        for (var column = 1; column <= columns; column++)
        {
            numbers.Append(CultureInfo.InvariantCulture, $" {(unique && column == columns ? 1 : same)}");
            same = Math.Max(FewestOfOthers, same / 100);
        }
        return numbers.ToString();
    }
}

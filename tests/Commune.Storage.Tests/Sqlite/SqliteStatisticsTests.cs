using Commune.Peers;
using Commune.Storage.Sqlite;

namespace Commune.Storage.Tests.Sqlite;

/// <summary>A look-up takes the index that is there for it, however little SQLite has seen of the tables.</summary>
public sealed class SqliteStatisticsTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("commune-plans-").FullName;
    private SqliteStore store = null!;

    private string Database => Path.Combine(directory, "commune.db");

    public async ValueTask InitializeAsync()
    {
        store = new SqliteStore(new SqliteStoreSettings(directory), new ManualTimeProvider());
        await store.MigrateAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void No_look_up_by_two_columns_walks_an_organisation()
    {
        using var session = new SqliteSession(Database, readOnly: true);
        var pairs = Pairs(session);
        Assert.True(pairs.Count > 60, $"{pairs.Count} indexes begin with an organisation");
        Assert.All(pairs, pair => Assert.DoesNotContain(
            "(org_id=?)", Plan(session, $"SELECT * FROM {pair.Table} WHERE org_id = ?1 AND {pair.Second} = ?2"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_puts_right_what_somebody_counted()
    {
        using (var session = new SqliteSession(Database, readOnly: false))
            session.Run("ANALYZE; UPDATE sqlite_stat1 SET stat = '3 3 3'; DELETE FROM sqlite_stat1 WHERE tbl = 'messages'");
        await store.DisposeAsync();
        store = new SqliteStore(new SqliteStoreSettings(directory), new ManualTimeProvider());
        await store.MigrateAsync(TestContext.Current.CancellationToken);
        using var after = new SqliteSession(Database, readOnly: true);
        Assert.Equal("1000000 100000 1000", after.Text("SELECT stat FROM sqlite_stat1 WHERE idx = 'search_documents_by_message'"));
        Assert.Equal("1000000 100000 1", after.Text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'messages' AND idx = 'sqlite_autoindex_messages_1'"));
    }

    /// <summary>The tables with an index over an organisation and something else that is not always there.</summary>
    private static List<(string Table, string Second)> Pairs(SqliteSession session)
    {
        var pairs = new List<(string, string)>();
        using var row = session.Query(
            """
            SELECT DISTINCT t.name, (SELECT c.name FROM pragma_index_info(i.name) c WHERE c.seqno = 1) AS second
            FROM sqlite_schema t JOIN pragma_index_list(t.name) i
            WHERE t.type = 'table' AND i.partial = 0 AND (SELECT c.name FROM pragma_index_info(i.name) c WHERE c.seqno = 0) = 'org_id' AND second IS NOT NULL
            """);
        while (row.Read())
            pairs.Add((row.Text(0), row.Text(1)));
        return pairs;
    }

    private static string Plan(SqliteSession session, string sql)
    {
        using var row = session.Query("EXPLAIN QUERY PLAN " + sql);
        Assert.True(row.Read());
        return row.Text(3);
    }
}

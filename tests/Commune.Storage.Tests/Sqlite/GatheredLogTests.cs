using Commune.Storage.Sqlite;

namespace Commune.Storage.Tests.Sqlite;

/// <summary>The log is written in large pieces, and nobody can tell but by the time it takes.</summary>
public sealed class GatheredLogTests : IDisposable
{
    private const int RowBytes = 20_000;

    private readonly string directory = Directory.CreateTempSubdirectory("commune-log-").FullName;

    public GatheredLogTests()
    {
        SystemSqlite.Load();
        Assert.SkipUnless(GatheredLog.Registered is not null, "The log is gathered on Linux only");
    }

    private string Database => Path.Combine(directory, "a.db");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Another_connection_reads_what_was_committed_just_now()
    {
        using var writer = OpenWriter(cachePages: 1000);
        using var reader = new SqliteSession(Database, readOnly: true);
        for (var commit = 0; commit < 20; commit++)
        {
            writer.Execute("BEGIN IMMEDIATE");
            Insert(writer, commit * 10, 10);
            writer.Execute("COMMIT");
            AssertRows(reader, (commit + 1) * 10);
        }
        Assert.Equal("ok", reader.Text("PRAGMA integrity_check"));
    }

    [Fact]
    public void A_transaction_that_outgrows_the_cache_reads_its_own_pages_back()
    {
        using var writer = OpenWriter(cachePages: 10);
        writer.Execute("BEGIN IMMEDIATE");
        Insert(writer, 0, 300);
        writer.Execute("UPDATE rows SET body = zeroblob(0) WHERE id >= 200");
        AssertRows(writer, 200);
        writer.Execute("ROLLBACK");
        AssertRows(writer, 0);

        writer.Execute("BEGIN IMMEDIATE");
        Insert(writer, 0, 300);
        writer.Execute("COMMIT");
        using var reader = new SqliteSession(Database, readOnly: true);
        AssertRows(reader, 300);
        Assert.Equal("ok", reader.Text("PRAGMA integrity_check"));
    }

    [Fact]
    public void A_commit_goes_on_where_a_checkpoint_emptied_the_log()
    {
        using var writer = OpenWriter(cachePages: 1000);
        using var other = new SqliteSession(Database, readOnly: false);
        for (var commit = 0; commit < 5; commit++)
        {
            writer.Execute("BEGIN IMMEDIATE");
            Insert(writer, commit * 10, 10);
            writer.Execute("COMMIT");
            other.Checkpoint(SQLitePCL.raw.SQLITE_CHECKPOINT_RESTART, out _, out _);
        }
        AssertRows(other, 50);
    }

    [Fact]
    public void A_process_that_dies_leaves_its_commits_and_nothing_else()
    {
        using var writer = OpenWriter(cachePages: 10);
        writer.Execute("BEGIN IMMEDIATE");
        Insert(writer, 0, 50);
        writer.Execute("COMMIT");
        writer.Execute("BEGIN IMMEDIATE");
        Insert(writer, 50, 200);
        // What a new process would find.
        var left = Path.Combine(directory, "left.db");
        File.Copy(Database, left);
        File.Copy(Database + "-wal", left + "-wal");
        writer.Execute("COMMIT");

        using var heir = new SqliteSession(left, readOnly: false);
        AssertRows(heir, 50);
        Assert.Equal("ok", heir.Text("PRAGMA integrity_check"));
    }

    [Fact]
    public void Pages_are_held_back_until_there_are_many_or_they_are_synced()
    {
        using var writer = OpenWriter(cachePages: 1000);
        writer.Run("PRAGMA synchronous = OFF");
        var before = new FileInfo(Database + "-wal").Length;
        writer.Execute("BEGIN IMMEDIATE");
        Insert(writer, 0, 1);
        writer.Execute("COMMIT");
        Assert.Equal(before, new FileInfo(Database + "-wal").Length);

        writer.Run("PRAGMA synchronous = FULL");
        writer.Execute("BEGIN IMMEDIATE");
        Insert(writer, 1, 1);
        writer.Execute("COMMIT");
        Assert.True(new FileInfo(Database + "-wal").Length > before + (2 * RowBytes));
    }

    [Fact]
    public void A_commit_whose_sync_is_left_to_others_is_seen_at_once_and_outlives_a_log_that_begins_anew()
    {
        using var writer = OpenWriter(cachePages: 1000);
        var sync = writer.DeferSyncs();
        Assert.NotNull(sync);
        using var other = new SqliteSession(Database, readOnly: false);
        for (var commit = 0; commit < 5; commit++)
        {
            writer.Execute("BEGIN IMMEDIATE");
            Insert(writer, commit * 10, 10);
            writer.Execute("COMMIT");
            AssertRows(other, (commit + 1) * 10);
            Assert.Equal(SQLitePCL.raw.SQLITE_OK, sync());
            other.Checkpoint(SQLitePCL.raw.SQLITE_CHECKPOINT_RESTART, out _, out _);
        }
        Assert.Equal("ok", other.Text("PRAGMA integrity_check"));
    }

    [Fact]
    public void A_connection_of_another_file_system_syncs_its_commits_itself()
    {
        using var session = new SqliteSession(Database, readOnly: false);
        session.Run("PRAGMA journal_mode = WAL; CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL)");
        Assert.Null(session.DeferSyncs());
    }

    private SqliteSession OpenWriter(int cachePages)
    {
        var session = new SqliteSession(Database, readOnly: false, GatheredLog.Registered);
        session.Run("PRAGMA page_size = 8192; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;");
        session.Run($"PRAGMA cache_size = {cachePages}");
        session.Run("CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL)");
        return session;
    }

    private static void Insert(SqliteSession session, int from, int count)
    {
        for (var i = from; i < from + count; i++)
            session.Execute("INSERT INTO rows (id, body) VALUES (?1, ?2)", i, Body(i));
    }

    private static void AssertRows(SqliteSession session, int count)
    {
        var next = 0;
        using var row = session.Query("SELECT id, body FROM rows WHERE length(body) > 0 ORDER BY id");
        while (row.Read())
        {
            Assert.Equal(next, row.Number(0));
            Assert.True(row.Span(1).SequenceEqual(Body(next)));
            next++;
        }
        Assert.Equal(count, next);
    }

    private static byte[] Body(int id)
    {
        var bytes = new byte[RowBytes];
        new Random(id).NextBytes(bytes);
        return bytes;
    }
}

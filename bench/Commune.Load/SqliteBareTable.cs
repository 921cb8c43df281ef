using Commune.Storage.Sqlite;
using SQLitePCL;

namespace Commune.Load;

/// <summary>The system's SQLite as the server uses it (WAL, every commit synced), by prepared statements and nothing in between.</summary>
internal sealed class SqliteBareTable : IBareTable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt begin;
    private readonly sqlite3_stmt insert;
    private readonly sqlite3_stmt commit;

    public SqliteBareTable(string path)
    {
        SystemSqlite.Load();
        Check(raw.sqlite3_open_v2(path, out database, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null));
        Check(raw.sqlite3_exec(database,
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
            """));
        begin = Prepare("BEGIN IMMEDIATE");
        insert = Prepare("INSERT INTO rows (body) VALUES (?1)");
        commit = Prepare("COMMIT");
    }

    public Task InsertAsync(IReadOnlyList<ReadOnlyMemory<byte>> rows)
    {
        Step(begin);
        foreach (var row in rows)
        {
            Check(raw.sqlite3_bind_blob(insert, 1, row.Span));
            Step(insert);
        }
        Step(commit);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        begin.Dispose();
        insert.Dispose();
        commit.Dispose();
        database.Dispose();
        return ValueTask.CompletedTask;
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(database, sql, out var statement));
        return statement;
    }

    private void Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        _ = raw.sqlite3_reset(statement);
        if (code != raw.SQLITE_DONE)
            throw new LoadException($"SQLite: {raw.sqlite3_errmsg(database).utf8_to_string()}");
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw new LoadException($"SQLite: {raw.sqlite3_errmsg(database).utf8_to_string()}");
    }
}

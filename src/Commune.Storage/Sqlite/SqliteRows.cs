using System.Text;
using SQLitePCL;

namespace Commune.Storage.Sqlite;

/// <summary>The rows of a running query, read by column position.</summary>
internal readonly ref struct SqliteRows(SqliteSession session, sqlite3_stmt statement)
{
    public bool Read()
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code != raw.SQLITE_DONE)
            session.Fail(statement, code);
        return false;
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public long Number(int column) => raw.sqlite3_column_int64(statement, column);

    public long? NumberOrNull(int column) => IsNull(column) ? null : Number(column);

    public bool Flag(int column) => Number(column) != 0;

    // Read as bytes: text may hold a NUL character, at which a C string would end.
    public string Text(int column) => Encoding.UTF8.GetString(Span(column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public byte[] Bytes(int column) => Span(column).ToArray();

    /// <summary>The column's bytes where SQLite keeps them: gone at the next row.</summary>
    public ReadOnlySpan<byte> Span(int column) => raw.sqlite3_column_blob(statement, column);

    public void Dispose() => _ = raw.sqlite3_reset(statement);
}

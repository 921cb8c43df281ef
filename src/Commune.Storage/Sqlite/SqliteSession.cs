using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Commune.Storage.Sqlite;

/// <summary>
/// One connection and its prepared statements. It belongs to one thread at a time.
/// </summary>
/// <remarks>
/// It speaks to SQLite by statement and position, since a command object per execution and parameters that are looked up by name
/// cost more than the statements themselves.
/// </remarks>
internal sealed class SqliteSession : IDisposable
{
    private const int LentBytes = 64 * 1024;

    // Statements are string constants, so the reference names them.
    private readonly Dictionary<string, Statement> statements = new(ReferenceEqualityComparer.Instance);
    private readonly sqlite3 database;
    private byte[]? lent;
    private bool preparesWatched;

    /// <param name="fileSystem">Of SQLite's file systems the one that is not the usual.</param>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public SqliteSession(string path, bool readOnly, string? fileSystem = null)
    {
        var flags = raw.SQLITE_OPEN_NOMUTEX | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var code = raw.sqlite3_open_v2(path, out database, flags, fileSystem);
        if (code != raw.SQLITE_OK)
        {
            using (database)
                SqliteException.ThrowExceptionForRC(code, database);
        }
        raw.sqlite3_extended_result_codes(database, 1);
        raw.sqlite3_busy_timeout(database, 30_000);
    }

    public bool InTransaction => raw.sqlite3_get_autocommit(database) == 0;

    /// <summary>Pages written to the log since this was last asked.</summary>
    public int TakePagesWritten()
    {
        const int CacheWrite = 9;
        _ = raw.sqlite3_db_status(database, CacheWrite, out var pages, out _, 1);
        return pages;
    }

    /// <inheritdoc cref="GatheredLog.DeferSyncs"/>
    public Func<int>? DeferSyncs() => GatheredLog.DeferSyncs(database.DangerousGetHandle());

    /// <summary>From now on <see cref="TakeWatched"/> tells of statements that write one of the tables.</summary>
    public void Watch(IReadOnlySet<string> tables) => raw.sqlite3_set_authorizer(
        database,
        (_, action, table, _, _, _) =>
        {
            if (action is raw.SQLITE_INSERT or raw.SQLITE_UPDATE or raw.SQLITE_DELETE && tables.Contains(table))
                preparesWatched = true;
            return raw.SQLITE_OK;
        },
        null);

    /// <summary>Whether such a statement ran since it was last taken.</summary>
    public bool RanWatched { get; private set; }

    /// <inheritdoc cref="RanWatched"/>
    public bool TakeWatched()
    {
        var ran = RanWatched;
        RanWatched = false;
        return ran;
    }

    /// <summary>Runs a script of statements without parameters.</summary>
    public void Run(string script) => Check(raw.sqlite3_exec(database, script));

    /// <summary>Runs a statement and tells how many rows it changed.</summary>
    public unsafe int Execute(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var statement = Find(sql);
        // The statement has run when this returns: until then it may read text and the largest blob where they are.
        var largest = Largest(values);
        fixed (byte* blob = largest < 0 ? default : values[largest].Bytes.Span)
        {
            var used = 0;
            for (var i = 0; i < values.Length; i++)
            {
                ref readonly var value = ref values[i];
                Check(
                    i == largest ? SqliteBinding.LendBlob(statement.Pointer, i + 1, blob, value.Bytes.Length)
                    : value.Kind == SqliteKind.Text ? LendText(statement.Pointer, i + 1, value.Text!, ref used)
                    : Bind(statement.Pointer, i + 1, value));
            }
            int code;
            do
                code = raw.sqlite3_step(statement.Handle);
            while (code == raw.SQLITE_ROW);
            if (code != raw.SQLITE_DONE)
                Fail(statement.Handle, code);
            _ = raw.sqlite3_reset(statement.Handle);
            return raw.sqlite3_changes(database);
        }
    }

    /// <summary>Starts a query; the rows must be disposed before the same query starts again.</summary>
    public SqliteRows Query(string sql, params ReadOnlySpan<SqliteValue> values) => new(this, Prepare(sql, values));

    /// <summary>The first column of the first row as a number; null when there is no row or it is NULL.</summary>
    public long? Number(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        using var rows = Query(sql, values);
        return rows.Read() ? rows.NumberOrNull(0) : null;
    }

    /// <summary>The first column of the first row as text; null when there is no row or it is NULL.</summary>
    public string? Text(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        using var rows = Query(sql, values);
        return rows.Read() ? rows.TextOrNull(0) : null;
    }

    public bool Any(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        using var rows = Query(sql, values);
        return rows.Read();
    }

    /// <summary>Copies the log into the database. What fails is tried again by the next: no commit depends on it.</summary>
    public void Checkpoint(int mode, out int pagesInLog, out int copied) =>
        _ = raw.sqlite3_wal_checkpoint_v2(database, "main", mode, out pagesInLog, out copied);

    public void Dispose()
    {
        foreach (var statement in statements.Values)
            statement.Handle.Dispose();
        statements.Clear();
        database.Dispose();
    }

    /// <summary>Throws what the failed step means, after putting the statement back.</summary>
    internal void Fail(sqlite3_stmt statement, int code)
    {
        try
        {
            Check(code);
        }
        finally
        {
            _ = raw.sqlite3_reset(statement);
        }
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(code, database);
    }

    private sqlite3_stmt Prepare(string sql, ReadOnlySpan<SqliteValue> values)
    {
        var statement = Find(sql);
        for (var i = 0; i < values.Length; i++)
            Check(Bind(statement.Pointer, i + 1, values[i]));
        return statement.Handle;
    }

    private Statement Find(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            preparesWatched = false;
            Check(raw.sqlite3_prepare_v2(database, sql, out var handle));
            statement = new Statement(handle, handle.DangerousGetHandle(), preparesWatched);
            statements.Add(sql, statement);
        }
        else if (raw.sqlite3_stmt_busy(statement.Handle) != 0)
        {
            throw new InvalidOperationException("The rows of this query are still being read.");
        }

        RanWatched |= statement.IsWatched;
        return statement;
    }

    /// <param name="Pointer">That of <paramref name="Handle"/>, which lives as long as the session.</param>
    private readonly record struct Statement(sqlite3_stmt Handle, IntPtr Pointer, bool IsWatched);

    private static int Largest(ReadOnlySpan<SqliteValue> values)
    {
        var (place, bytes) = (-1, 0);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i].Kind == SqliteKind.Blob && values[i].Bytes.Length > bytes)
                (place, bytes) = (i, values[i].Bytes.Length);
        }
        return place;
    }

    private static int Bind(IntPtr statement, int position, in SqliteValue value) => value.Kind switch
    {
        SqliteKind.Number => SqliteBinding.Number(statement, position, value.Number),
        SqliteKind.Text => BindText(statement, position, value.Text!),
        SqliteKind.Blob => SqliteBinding.Blob(statement, position, value.Bytes.Span),
        _ => SqliteBinding.Null(statement, position),
    };

    private static int BindText(IntPtr statement, int position, string text)
    {
        const int OnStack = 512;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= OnStack)
        {
            Span<byte> small = stackalloc byte[OnStack];
            return SqliteBinding.Text(statement, position, small[..Encoding.UTF8.GetBytes(text, small)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            return SqliteBinding.Text(statement, position, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <param name="used">How much of <see cref="lent"/> the statement has already.</param>
    private unsafe int LendText(IntPtr statement, int position, string text, ref int used)
    {
        lent ??= GC.AllocateUninitializedArray<byte>(LentBytes, pinned: true);
        if (Encoding.UTF8.GetMaxByteCount(text.Length) > LentBytes - used)
            return BindText(statement, position, text);
        var count = Encoding.UTF8.GetBytes(text, lent.AsSpan(used));
        var start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(lent)) + used;
        used += count;
        return SqliteBinding.LendText(statement, position, start, count);
    }
}

using Microsoft.Data.Sqlite;

namespace Commune.Storage.Sqlite;

/// <summary>An open database: its lock, its writer, its readers and its checkpoints.</summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private const string LockFile = "commune.lock";
    private readonly FileStream? processLock;
    private readonly SqliteCheckpoints checkpoints;

    /// <param name="processLock">Null beside a server, which has the lock and makes the checkpoints.</param>
    private SqliteDatabase(FileStream? processLock, SqliteSession session, string path, JobSignals signals, EventSignals events, InboxRoutes routes, TimeProvider time)
    {
        this.processLock = processLock;
        checkpoints = new SqliteCheckpoints(path, emptyAtEnd: processLock is not null);
        Readers = new SqliteReaders(path);
        Writer = new SqliteWriter(session, session.DeferSyncs(), checkpoints, signals, events, routes, time);
    }

    public SqliteReaders Readers { get; }

    public SqliteWriter Writer { get; }

    /// <summary>Opens the database of a directory and brings its schema up to date.</summary>
    /// <exception cref="StoreStartException">It cannot be used: what is wrong and what to do.</exception>
    public static SqliteDatabase Open(SqliteStoreSettings settings, JobSignals signals, EventSignals events, InboxRoutes routes, TimeProvider time)
    {
        SystemSqlite.Load();
        var path = Path.Combine(settings.Directory, "commune.db");
        var held = settings.BesideServer && IsInUse(settings.Directory) ? null : Lock(settings.Directory);
        SqliteSession? session = null;
        try
        {
            MakePrivate(path);
            session = new SqliteSession(path, readOnly: false, GatheredLog.Registered);
            // FULL syncs the log at every commit, which the writer leaves to another thread: what was answered survives a power cut. Checkpoints have their own.
            session.Run(
                """
                PRAGMA page_size = 8192;
                PRAGMA synchronous = FULL;
                PRAGMA journal_mode = WAL;
                PRAGMA wal_autocheckpoint = 0;
                PRAGMA foreign_keys = ON;
                PRAGMA temp_store = memory;
                PRAGMA cache_size = -16384;
                """);
            if (held is null)
                SqliteMigrations.RequireCurrent(session, path);
            else
            {
                SqliteMigrations.Run(session, path);
                SqliteStatistics.Write(session);
            }
            if (!settings.BesideServer)
                SqliteJobStore.TakeBackLeases(session, time.GetUtcNow().ToUnixTimeMilliseconds());
            if (settings.BesideServer && held is not null)
            {
                // A server that starts now must find the directory free.
                held.Dispose();
                held = null;
            }
            return new SqliteDatabase(held, session, path, signals, events, routes, time);
        }
        catch (Exception error)
        {
            session?.Dispose();
            held?.Dispose();
            if (error is SqliteException sqlite)
                throw new StoreStartException(Explain(sqlite, path), sqlite);
            throw;
        }
    }

    /// <summary>Only the owner may read mail and keys; SQLite gives its log the rights of the database.</summary>
    private static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        Readers.Dispose();
        checkpoints.Dispose();
        if (processLock is not null)
            await processLock.DisposeAsync();
    }

    public static bool IsInUse(string directory)
    {
        var path = Path.Combine(directory, LockFile);
        if (!File.Exists(path))
            return false;
        try
        {
            using var free = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static FileStream Lock(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return new FileStream(Path.Combine(directory, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StoreStartException($"The data directory {directory} cannot be written by this user; change its owner or choose another", error);
        }
        catch (IOException error) when (File.Exists(Path.Combine(directory, LockFile)))
        {
            throw new StoreStartException($"The data directory {directory} is in use by another Commune process; stop that one first", error);
        }
        catch (IOException error)
        {
            throw new StoreStartException($"The data directory {directory} cannot be used: {error.Message}", error);
        }
    }

    private static string Explain(SqliteException error, string path)
    {
        const int Busy = 5, ReadOnly = 8, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;
        return error.SqliteErrorCode switch
        {
            NotADatabase => $"{path} is not a Commune database; move it away, or restore it from a backup",
            Corrupt => $"{path} is damaged; restore it from a backup",
            Busy => $"{path} is locked by another program; stop that one first",
            ReadOnly or CannotOpen => $"{path} cannot be opened for writing by this user; change its owner or choose another data directory",
            Full => $"The disk that holds {path} is full",
            _ => $"{path} cannot be used: {error.Message}",
        };
    }
}

using System.Collections.Concurrent;

namespace Commune.Storage.Sqlite;

/// <summary>
/// Read-only connections, one per read that runs at the same time. Reads take microseconds, so they run on the caller's thread.
/// </summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    // More than run at once on the cores there are need not be kept.
    private static readonly int Kept = Math.Max(4, Environment.ProcessorCount * 2);
    private readonly ConcurrentBag<SqliteSession> idle = [];
    private volatile bool disposed;

    /// <summary>Answers with what one statement, or a chain that needs no common snapshot, reads.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellation);
        if (disposed)
            return Task.FromException<T>(new ObjectDisposedException(nameof(SqliteStore)));
        SqliteSession? session = null;
        try
        {
            session = idle.TryTake(out var pooled) ? pooled : Open();
            var result = read(session);
            GiveBack(session);
            return Task.FromResult(result);
        }
        catch (Exception error)
        {
            // It may stand in the middle of a transaction: it is not used again.
            session?.Dispose();
            return Task.FromException<T>(error);
        }
    }

    /// <summary>Answers with what several statements read of the same state of the database.</summary>
    public Task<T> ReadSnapshotAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation) => ReadAsync(
        session =>
        {
            session.Execute("BEGIN");
            var result = read(session);
            session.Execute("COMMIT");
            return result;
        },
        cancellation);

    public void Dispose()
    {
        disposed = true;
        while (idle.TryTake(out var session))
            session.Dispose();
    }

    private SqliteSession Open()
    {
        var session = new SqliteSession(path, readOnly: true);
        session.Run("PRAGMA temp_store = memory; PRAGMA cache_size = -8192;");
        return session;
    }

    private void GiveBack(SqliteSession session)
    {
        if (disposed || idle.Count >= Kept)
        {
            session.Dispose();
            return;
        }
        idle.Add(session);
        // Disposal may have emptied the bag in between.
        if (disposed && idle.TryTake(out var late))
            late.Dispose();
    }
}

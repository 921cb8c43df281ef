using SQLitePCL;

namespace Commune.Storage.Sqlite;

/// <summary>
/// Copies the write-ahead log into the database on a thread of its own, so that no commit waits for it.
/// </summary>
internal sealed class SqliteCheckpoints : IDisposable
{
    // In pages of 4 KB: copied from 16 MB on, emptied from 128 MB on.
    private const int CopyPages = 4096;
    private const int EmptyPages = 32_768;

    private readonly SqliteSession session;
    private readonly SemaphoreSlim due = new(0);
    private readonly Thread thread;
    private volatile bool stopping;
    private int pages;

    public SqliteCheckpoints(string path)
    {
        session = new SqliteSession(path, readOnly: false);
        session.Run("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;");
        thread = new Thread(Run) { IsBackground = true, Name = "sqlite checkpoints" };
        thread.Start();
    }

    /// <summary>Held by the writer during a transaction, and by a checkpoint that empties the log.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Called by the writer after each commit.</summary>
    public void Written(int morePages)
    {
        pages += morePages;
        if (pages < CopyPages)
            return;
        pages = 0;
        due.Release();
    }

    /// <summary>Stops the thread and empties the log; the writer must have stopped.</summary>
    public void Dispose()
    {
        stopping = true;
        due.Release();
        thread.Join();
        session.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE, out _);
        session.Dispose();
        due.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            due.Wait();
            if (stopping)
                return;
            session.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE, out var left);
            // Under steady load a passive checkpoint never catches up, and the log would grow for ever. Most of it is copied now,
            // so what is left to do with writers kept out is little.
            if (left > EmptyPages)
            {
                lock (Gate)
                    session.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE, out _);
            }
        }
    }
}

using SQLitePCL;

namespace Commune.Storage.Sqlite;

/// <summary>
/// Copies the write-ahead log into the database on a thread of its own, so that no commit waits for it.
/// </summary>
internal sealed class SqliteCheckpoints : IDisposable
{
    // In pages of 4 KB. A page that many commits changed is copied once: the more the log holds, the less is copied.
    private const int CopyPages = 16_384;
    private const int LittleLeft = 2_048;

    private readonly SqliteSession session;
    private readonly bool emptyAtEnd;
    private readonly SemaphoreSlim due = new(0);
    private readonly Thread thread;
    private volatile bool stopping;
    private int pages;

    /// <param name="emptyAtEnd">The database is this process's alone: the log is emptied when it closes.</param>
    public SqliteCheckpoints(string path, bool emptyAtEnd)
    {
        this.emptyAtEnd = emptyAtEnd;
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
        if (emptyAtEnd)
            session.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
        session.Dispose();
        due.Dispose();
    }

    /// <summary>Copies what it can beside the writer; how many pages it did not get to.</summary>
    private int Copy()
    {
        session.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE, out var pagesInLog, out var copied);
        return pagesInLog - copied;
    }

    private void Run()
    {
        while (true)
        {
            due.Wait();
            if (stopping)
                return;
            // Under steady load a passive checkpoint never reaches the end of the log, which would grow for ever. So it is repeated
            // while it gains, and the little that is left is copied with the writer kept out: the next commit overwrites the log from
            // its start, which is cheaper than to have the file cut and extended again.
            var last = int.MaxValue;
            for (var left = Copy(); left > LittleLeft && left < last / 2; left = Copy())
                last = left;
            lock (Gate)
                session.Checkpoint(raw.SQLITE_CHECKPOINT_RESTART, out _, out _);
        }
    }
}

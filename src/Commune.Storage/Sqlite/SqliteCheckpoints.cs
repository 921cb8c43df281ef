using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace Commune.Storage.Sqlite;

/// <summary>
/// Copies the write-ahead log into the database on a thread of its own, so that no commit waits for it.
/// </summary>
internal sealed class SqliteCheckpoints : IDisposable
{
    // In pages. A page that many commits changed is copied once, so a log that holds more copies less: with 128 MB a message costs two thirds of what it
    // costs with 32. What the file takes and what is read anew after a crash grow with it.
    private const int CopyPages = 16_384;

    // So few pages are copied while the writer waits.
    private const int LittleLeft = 256;
    private const int MostPasses = 8;

    private readonly SqliteSession session;
    private readonly SafeFileHandle file;
    private readonly WriteBehind behind;
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
        // Closed after every connection: closing any handle of a file gives up the locks that SQLite has on it in this process.
        file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        behind = new WriteBehind(file);
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

    /// <summary>Stops the thread and empties the log; the writer and the readers must have stopped.</summary>
    public void Dispose()
    {
        stopping = true;
        due.Release();
        thread.Join();
        if (emptyAtEnd)
            session.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
        session.Dispose();
        behind.Dispose();
        file.Dispose();
        due.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            due.Wait();
            if (stopping)
                return;
            // Under steady load a passive checkpoint never reaches the end of the log, which would grow for ever. So what came meanwhile is
            // copied again until that is little, and the rest with the writer kept out: the next commit overwrites the log from
            // its start, which is cheaper than to have the file cut and extended again.
            behind.Begin();
            CopyBesideWriter();
            lock (Gate)
                session.Checkpoint(raw.SQLITE_CHECKPOINT_RESTART, out _, out _);
            behind.End();
        }
    }

    private void CopyBesideWriter()
    {
        var copied = 0;
        for (var pass = 0; pass < MostPasses; pass++)
        {
            var before = copied;
            session.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE, out _, out copied);
            // SQLite syncs the database only when it reaches the end of the log, which is with the writer kept out: so it has little to sync there.
            RandomAccess.FlushToDisk(file);
            if (copied - before < LittleLeft)
                return;
        }
    }
}

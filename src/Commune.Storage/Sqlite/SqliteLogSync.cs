using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Commune.Storage.Sqlite;

/// <summary>
/// Makes commits durable on a thread of its own: while the disk syncs one group, the writer runs the next. Who waits for a commit is answered after its sync.
/// </summary>
/// <remarks>
/// Other connections see a commit a little before it is durable. A power cut may take it from them, but nothing that was written because of it outlives
/// it: that stands behind it in the same log. Reads whose answers are promises wait (<see cref="SqliteStore.ReadDurableAsync"/>). Decision 0012.
/// </remarks>
internal sealed class SqliteLogSync : IAsyncDisposable
{
    private readonly Func<int>? sync;
    private readonly Action synced;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim due = new(0);
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<Action<Exception?>> waiting = [];
    private volatile int begun;
    private volatile bool stopping;
    private volatile Exception? failure;

    /// <param name="sync">Syncs the log and answers with a code of SQLite; null when each commit is durable already.</param>
    /// <param name="synced">Called when nothing waits for the disk any more.</param>
    public SqliteLogSync(Func<int>? sync, Action synced)
    {
        this.sync = sync;
        this.synced = synced;
        if (sync is null)
            stopped.SetResult();
        else
            new Thread(Run) { IsBackground = true, Name = "sqlite log sync" }.Start();
    }

    /// <summary>True while there may be a commit that is not durable.</summary>
    public bool IsBusy => begun != 0;

    /// <summary>Why the disk can no longer be relied on: after a sync has failed, one that succeeds proves nothing of what was written before.</summary>
    public Exception? Failure => failure;

    /// <summary>Called before each commit; <see cref="Committed"/> or <see cref="RolledBack"/> follows.</summary>
    public void Committing() => Interlocked.Increment(ref begun);

    public void RolledBack()
    {
        if (Interlocked.Decrement(ref begun) == 0)
            synced();
    }

    /// <summary>Answers once the commit is durable, or with the reason why that is not known.</summary>
    public void Committed(Action<Exception?> answer)
    {
        if (sync is null)
        {
            answer(null);
            RolledBack();
            return;
        }
        lock (gate)
            waiting.Add(answer);
        due.Release();
    }

    /// <summary>Returns when all commits are durable and answered.</summary>
    public async ValueTask DisposeAsync()
    {
        stopping = true;
        due.Release();
        await stopped.Task;
        due.Dispose();
    }

    private void Run()
    {
        var done = new List<Action<Exception?>>();
        while (true)
        {
            due.Wait();
            lock (gate)
                (waiting, done) = (done, waiting);
            if (done.Count == 0)
            {
                if (!stopping)
                    continue;
                stopped.SetResult();
                return;
            }
            Sync();
            if (Interlocked.Add(ref begun, -done.Count) == 0)
                synced();
            foreach (var answer in done)
                answer(failure);
            done.Clear();
        }
    }

    private void Sync()
    {
        if (failure is not null || sync!() is var code && code == raw.SQLITE_OK)
            return;
        failure = new SqliteException("The disk could not store what was written; restart the server when it is well again", raw.SQLITE_IOERR, code);
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Commune.Storage.Sqlite;

/// <summary>
/// The one writing connection, on a thread of its own. Whatever waits is run and committed as one group, so that many callers share
/// one sync of the disk; each is answered after the sync, beside which the next group runs.
/// </summary>
/// <remarks>
/// Work must be free to run twice: when one item of a group throws, the group is rolled back and each item runs again alone,
/// so that only the guilty one fails.
/// </remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int Waiting = 8192;
    private const int GroupItems = 256;
    private const int FewItems = 16;
    private const long GroupBytes = 8 * 1024 * 1024;

    private readonly Channel<WriteItem> queue = Channel.CreateBounded<WriteItem>(
        new BoundedChannelOptions(Waiting) { SingleReader = true, AllowSynchronousContinuations = false });

    // The writer's thread is woken by this and not by the channel, which would have the thread pool do it after all else that the pool has to do.
    private readonly ManualResetEventSlim wake = new(false, spinCount: 1);
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SqliteSession session;
    private readonly SqliteCheckpoints checkpoints;
    private readonly JobSignals signals;
    private readonly EventSignals events;
    private readonly InboxRoutes routes;
    private readonly SqliteWrites writes;
    private readonly SqliteLogSync log;

    /// <param name="sync">Makes durable what was committed, and answers with a code of SQLite; null when every commit is durable when it returns.</param>
    public SqliteWriter(
        SqliteSession session, Func<int>? sync, SqliteCheckpoints checkpoints, JobSignals signals, EventSignals events, InboxRoutes routes, TimeProvider time)
    {
        this.session = session;
        this.checkpoints = checkpoints;
        this.signals = signals;
        this.events = events;
        this.routes = routes;
        session.Watch(InboxRoutes.Tables);
        writes = new SqliteWrites(session, time);
        log = new SqliteLogSync(sync, wake.Set);
        new Thread(Run) { IsBackground = true, Name = "sqlite writer" }.Start();
    }

    /// <summary>
    /// Runs the work in a transaction and answers when it is durable. Cancelled work that has not run yet is left out;
    /// once it ran, it is answered.
    /// </summary>
    /// <param name="bytes">About how much it writes, when that is much.</param>
    public async Task<T> RunAsync<T>(Func<SqliteWrites, T> work, CancellationToken cancellation, long bytes = 0)
    {
        var item = new WriteItem<T>(work, bytes, cancellation);
        if (!queue.Writer.TryWrite(item))
            await WaitAndWriteAsync(item, cancellation);
        wake.Set();
        return await item.Answer;
    }

    /// <summary>Returns when everything that has been committed, and can have been read, is durable.</summary>
    public Task MadeDurableAsync(CancellationToken cancellation) =>
        // What changes nothing is answered as what does: after all that stands before it in the log.
        log.IsBusy ? RunAsync(static _ => true, cancellation) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        wake.Set();
        await stopped.Task;
        await log.DisposeAsync();
        wake.Dispose();
        session.Dispose();
    }

    private async Task WaitAndWriteAsync(WriteItem item, CancellationToken cancellation)
    {
        try
        {
            await queue.Writer.WriteAsync(item, cancellation);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("The store is closed.", closed);
        }
    }

    private void Run()
    {
        var group = new List<WriteItem>(GroupItems);
        while (WaitForItems(whileSyncing: false))
        {
            if (!TryTake(out var first))
                continue;
            group.Clear();
            group.Add(first);
            Commit(group, gathers: true);
        }
        stopped.SetResult();
    }

    /// <summary>Returns when there is something to look at; false when nothing comes any more, or nothing came while the disk synced.</summary>
    private bool WaitForItems(bool whileSyncing)
    {
        wake.Reset();
        if (queue.Reader.TryPeek(out _))
            return true;
        if (queue.Reader.Completion.IsCompleted || (whileSyncing && !log.IsBusy))
            return false;
        wake.Wait();
        return true;
    }

    private bool TryTake([NotNullWhen(true)] out WriteItem? item)
    {
        while (queue.Reader.TryRead(out item))
        {
            if (!item.SkipIfCancelled())
                return true;
        }
        return false;
    }

    /// <summary>
    /// Adds to the group what waits, or what comes while the disk still syncs the group before: sooner this one could not be answered.
    /// False when the group is to be committed.
    /// </summary>
    private bool TryGather(List<WriteItem> group, int most, long bytes)
    {
        while (group.Count < most && bytes < GroupBytes)
        {
            if (TryTake(out var item))
            {
                group.Add(item);
                return true;
            }
            if (!WaitForItems(whileSyncing: true))
                break;
        }
        return false;
    }

    /// <param name="gathers">Whether more items may be added to the group.</param>
    private void Commit(List<WriteItem> group, bool gathers)
    {
        if (TryCommit(group, gathers, out var guilty, out var error))
        {
            if (session.TakeWatched())
                routes.Changed();
            Answer([.. group], [.. writes.Signalled], [.. writes.Organisations]);
            checkpoints.Written(session.TakePagesWritten());
            return;
        }

        if (guilty is null || group.Count == 1)
        {
            foreach (var item in group)
                item.Fail(error!);
            return;
        }
        foreach (var item in group)
            Commit([item], gathers: false);
    }

    private void Answer(WriteItem[] items, string[] kinds, string[] orgIds) => log.Committed(failure =>
    {
        foreach (var item in items)
        {
            if (failure is null)
                item.Complete();
            else
                item.Fail(failure);
        }
        foreach (var kind in kinds)
            signals.Pulse(kind);
        foreach (var orgId in orgIds)
            events.Pulse(orgId);
    });

    /// <param name="guilty">The item that threw; null when it was the commit.</param>
    private bool TryCommit(List<WriteItem> group, bool gathers, out WriteItem? guilty, out Exception? error)
    {
        guilty = null;
        error = null;
        var committing = false;
        // A checkpoint that empties the log keeps writers out while it runs.
        lock (checkpoints.Gate)
        {
            try
            {
                session.Execute("BEGIN IMMEDIATE");
                writes.Begin();
                // Half of what waits, so that the disk syncs one half while the other runs: all in one group, all would wait for the one sync.
                var most = Math.Clamp((queue.Reader.Count + 1) / 2, FewItems, GroupItems);
                long bytes = 0;
                for (var i = 0; i < group.Count || (gathers && TryGather(group, most, bytes)); i++)
                {
                    guilty = group[i];
                    guilty.Run(writes);
                    bytes += guilty.Bytes;
                }
                guilty = null;
                writes.End();
                if (log.Failure is { } failure)
                    throw failure;
                log.Committing();
                committing = true;
                session.Execute("COMMIT");
                return true;
            }
            catch (Exception thrown)
            {
                error = thrown;
                RollBack();
                if (committing)
                    log.RolledBack();
                return false;
            }
        }
    }

    private void RollBack()
    {
        try
        {
            // SQLite has rolled back itself after some errors (disk full, I/O).
            if (session.InTransaction)
                session.Execute("ROLLBACK");
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // The error that led here is the one to report; the next BEGIN tells if the connection is lost.
        }
    }

    private abstract class WriteItem(long bytes, CancellationToken cancellation)
    {
        public long Bytes => bytes;
        protected CancellationToken Cancellation => cancellation;

        /// <summary>Whether nobody waits for it any more.</summary>
        public abstract bool SkipIfCancelled();
        public abstract void Run(SqliteWrites writes);
        public abstract void Complete();
        public abstract void Fail(Exception error);
    }

    private sealed class WriteItem<T>(Func<SqliteWrites, T> work, long bytes, CancellationToken cancellation) : WriteItem(bytes, cancellation)
    {
        private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T result = default!;

        public Task<T> Answer => answer.Task;

        public override bool SkipIfCancelled() => Cancellation.IsCancellationRequested && answer.TrySetCanceled(Cancellation);

        public override void Run(SqliteWrites writes) => result = work(writes);

        public override void Complete() => answer.SetResult(result);

        public override void Fail(Exception error) => answer.SetException(error);
    }
}

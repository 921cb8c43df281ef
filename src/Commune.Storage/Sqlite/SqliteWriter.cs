using System.Threading.Channels;

namespace Commune.Storage.Sqlite;

/// <summary>
/// The one writing connection, on a thread of its own. Whatever waits is run and committed as one group, so that many callers share
/// one sync of the disk; each is answered after the commit.
/// </summary>
/// <remarks>
/// Work must be free to run twice: when one item of a group throws, the group is rolled back and each item runs again alone,
/// so that only the guilty one fails.
/// </remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int Waiting = 8192;
    private const int GroupItems = 256;
    private const long GroupBytes = 8 * 1024 * 1024;

    private readonly Channel<WriteItem> queue = Channel.CreateBounded<WriteItem>(
        new BoundedChannelOptions(Waiting) { SingleReader = true, AllowSynchronousContinuations = false });
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SqliteSession session;
    private readonly SqliteCheckpoints checkpoints;
    private readonly JobSignals signals;
    private readonly EventSignals events;
    private readonly InboxRoutes routes;
    private readonly SqliteWrites writes;

    public SqliteWriter(SqliteSession session, SqliteCheckpoints checkpoints, JobSignals signals, EventSignals events, InboxRoutes routes, TimeProvider time)
    {
        this.session = session;
        this.checkpoints = checkpoints;
        this.signals = signals;
        this.events = events;
        this.routes = routes;
        session.Watch(InboxRoutes.Tables);
        writes = new SqliteWrites(session, time);
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
        return await item.Answer;
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await stopped.Task;
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
        var items = queue.Reader;
#pragma warning disable VSTHRD002 // This thread exists to wait here.
        while (items.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
#pragma warning restore VSTHRD002
        {
            long bytes = 0;
            while (group.Count < GroupItems && bytes < GroupBytes && items.TryRead(out var item))
            {
                if (item.SkipIfCancelled())
                    continue;
                group.Add(item);
                bytes += item.Bytes;
            }
            if (group.Count == 0)
                continue;
            Commit(group);
            group.Clear();
        }
        stopped.SetResult();
    }

    private void Commit(List<WriteItem> group)
    {
        if (TryCommit(group, out var guilty, out var error))
        {
            if (session.TakeWatched())
                routes.Changed();
            foreach (var item in group)
                item.Complete();
            foreach (var kind in writes.Signalled)
                signals.Pulse(kind);
            foreach (var orgId in writes.Organisations)
                events.Pulse(orgId);
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
            Commit([item]);
    }

    /// <param name="guilty">The item that threw; null when it was the commit.</param>
    private bool TryCommit(List<WriteItem> group, out WriteItem? guilty, out Exception? error)
    {
        guilty = null;
        error = null;
        // A checkpoint that empties the log keeps writers out while it runs.
        lock (checkpoints.Gate)
        {
            try
            {
                session.Execute("BEGIN IMMEDIATE");
                writes.Begin();
                foreach (var item in group)
                {
                    guilty = item;
                    item.Run(writes);
                }
                guilty = null;
                writes.End();
                session.Execute("COMMIT");
                return true;
            }
            catch (Exception thrown)
            {
                error = thrown;
                RollBack();
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

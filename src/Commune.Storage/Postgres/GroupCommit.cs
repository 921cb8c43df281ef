using System.Threading.Channels;
using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>
/// The hot writes: a few lanes, each with a connection of its own, that commit everything that waits in one transaction and then
/// answer all who wait. A synced commit costs the same for one message as for a hundred.
/// </summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    private const int LaneCount = 3;
    private const int LongestGroup = 128;
    private const long LargestGroup = 4 << 20;
    private const int Waiting = 1024;

    /// <summary>
    /// A group looks rows up by key, never by reading a table: said to the planner, and to make its plans anew for every group, because one that
    /// was made while a table was empty takes any index for as good as the right one.
    /// </summary>
    private const string PlannerSettings =
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_custom_plan";

    private readonly NpgsqlDataSource source;
    private readonly JobSignals signals;
    private readonly EventAnnouncer announcer;
    private readonly TimeProvider time;
    private readonly WebhookSubscriptions subscriptions;
    private readonly Channel<GroupWork>[] lanes;
    private readonly Task[] loops;

    public GroupCommit(NpgsqlDataSource source, JobSignals signals, EventAnnouncer announcer, TimeProvider time, WebhookSubscriptions subscriptions)
    {
        this.source = source;
        this.signals = signals;
        this.announcer = announcer;
        this.time = time;
        this.subscriptions = subscriptions;
        lanes = [.. Enumerable.Range(0, LaneCount).Select(static _ =>
            Channel.CreateBounded<GroupWork>(new BoundedChannelOptions(Waiting) { SingleReader = true }))];
        loops = [.. lanes.Select(lane => Task.Run(() => RunAsync(lane.Reader)))];
    }

    /// <summary>Returns when the work is durable. Cancelled before it is taken up it has no effect; later it may have happened.</summary>
    public async Task<T> RunAsync<T>(GroupWork<T> work, CancellationToken cancellation)
    {
        var lane = lanes[(uint)work.OrgId.GetHashCode(StringComparison.Ordinal) % LaneCount];
        await lane.Writer.WriteAsync(work, cancellation);
        return await work.Completion.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in lanes)
            lane.Writer.TryComplete();
        await Task.WhenAll(loops);
    }

    private async Task RunAsync(ChannelReader<GroupWork> waiting)
    {
        var group = new List<GroupWork>(LongestGroup);
        NpgsqlConnection? connection = null;
        while (await waiting.WaitToReadAsync())
        {
            group.Clear();
            for (var size = 0L; group.Count < LongestGroup && size < LargestGroup && waiting.TryRead(out var work);)
            {
                if (work.Cancellation.IsCancellationRequested)
                    continue;
                group.Add(work);
                size += work.Size;
            }

            if (group.Count > 0)
                connection = await CommitAsync(connection, group);
        }

        if (connection is not null)
            await connection.DisposeAsync();
    }

    /// <summary>Commits the group, or when it cannot be, each of its members alone, so that one bad member fails only itself.</summary>
    private async Task<NpgsqlConnection?> CommitAsync(NpgsqlConnection? connection, IReadOnlyList<GroupWork> group)
    {
        Exception? failure;
        (connection, failure, var divisible) = await TryCommitAsync(connection, group);
        if (failure is null)
            return connection;

        if (group.Count == 1 || !divisible)
        {
            foreach (var work in group)
                work.Fail(failure);
            return connection;
        }

        foreach (var work in group)
            connection = await CommitAsync(connection, [work]);
        return connection;
    }

    /// <summary>
    /// Gives the connection to go on with and why the group failed, if it did: <c>Divisible</c> when it was rolled back for something
    /// that one of its members may have caused.
    /// </summary>
    private async Task<(NpgsqlConnection? Connection, Exception? Failure, bool Divisible)> TryCommitAsync(
        NpgsqlConnection? connection, IReadOnlyList<GroupWork> group)
    {
        for (var attempt = 1; ; attempt++)
        {
            var committing = false;
            try
            {
                connection ??= await OpenAsync();
                await using var transaction = await connection.BeginTransactionAsync();
                var run = new GroupTransaction(connection, transaction, time, subscriptions);
                await run.RunAsync(group, CancellationToken.None);
                committing = true;
                await transaction.CommitAsync();
                foreach (var work in group)
                    work.Complete();
                foreach (var orgId in run.Appended)
                    announcer.Announce(orgId);
                await AnnounceAsync(connection, run.JobKinds);
                return (connection, null, false);
            }
            catch (Exception error)
            {
                // A commit whose outcome is unknown fails those who wait: a sender repeats, and its retry key or idempotency key
                // tells then whether it had been stored.
                var broken = PostgresErrors.IsConnectionFailure(error);
                if (broken && connection is not null)
                {
                    await connection.DisposeAsync();
                    connection = null;
                }

                if (attempt >= PostgresErrors.Attempts || !PostgresErrors.MayRetry(error, committing))
                    return (connection, error, !broken && !committing);
            }
        }
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await source.OpenConnectionAsync();
        try
        {
            await new PostgresSession(connection).ExecuteAsync(PlannerSettings, CancellationToken.None);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Wakes the workers of this process and, with a transaction of its own, those of others: a NOTIFY inside the group would make
    /// PostgreSQL commit such groups one after the other, and a lost one costs only the workers' regular look.
    /// </summary>
    private async Task AnnounceAsync(NpgsqlConnection connection, IReadOnlyCollection<string> kinds)
    {
        foreach (var kind in kinds)
        {
            signals.Pulse(kind);
            try
            {
                await new PostgresSession(connection).ExecuteAsync(JobListener.Announcement, CancellationToken.None, kind);
            }
            catch (Exception error) when (PostgresErrors.IsConnectionFailure(error) || error is PostgresException)
            {
                // The group is durable whatever became of the hint; a broken connection is found out by the next group.
            }
        }
    }
}

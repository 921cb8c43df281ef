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

    private readonly NpgsqlDataSource source;
    private readonly CommitAnnouncer announcer;
    private readonly TableStatistics statistics;
    private readonly TimeProvider time;
    private readonly WebhookSubscriptions subscriptions;
    private readonly Channel<GroupWork>[] lanes;
    private readonly Task[] loops;

    public GroupCommit(NpgsqlDataSource source, CommitAnnouncer announcer, TableStatistics statistics, TimeProvider time, WebhookSubscriptions subscriptions)
    {
        this.source = source;
        this.announcer = announcer;
        this.statistics = statistics;
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
        await using var connection = new LaneConnection(source, time);
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
                await CommitAsync(connection, group);
        }
    }

    /// <summary>Commits the group, or when it cannot be, each of its members alone, so that one bad member fails only itself.</summary>
    private async Task CommitAsync(LaneConnection connection, IReadOnlyList<GroupWork> group)
    {
        var (failure, divisible) = await TryCommitAsync(connection, group);
        if (failure is null)
            return;

        if (group.Count == 1 || !divisible)
        {
            foreach (var work in group)
                work.Fail(failure);
            return;
        }

        foreach (var work in group)
            await CommitAsync(connection, [work]);
    }

    /// <summary>
    /// Tells why the group failed, if it did: <c>Divisible</c> when it was rolled back for something that one of its members may have caused.
    /// </summary>
    private async Task<(Exception? Failure, bool Divisible)> TryCommitAsync(LaneConnection lane, IReadOnlyList<GroupWork> group)
    {
        for (var attempt = 1; ; attempt++)
        {
            var committing = false;
            try
            {
                var connection = await lane.OpenAsync();
                await using var transaction = await connection.BeginTransactionAsync();
                var run = new GroupTransaction(connection, transaction, time, subscriptions);
                await run.ReadAndDecideAsync(group, lane.TakeOldPlans(), CancellationToken.None);
                committing = true;
                await run.WriteAndCommitAsync(CancellationToken.None);
                foreach (var work in group)
                    work.Complete();
                announcer.Announce(run.Appended, run.JobKinds);
                statistics.Written();
                return (null, false);
            }
            catch (Exception error)
            {
                // A commit whose outcome is unknown fails those who wait: a sender repeats, and its retry key or idempotency key
                // tells then whether it had been stored. What the server says of a statement it says instead of committing.
                var broken = PostgresErrors.IsConnectionFailure(error);
                if (broken)
                    await lane.DisposeAsync();

                if (attempt >= PostgresErrors.Attempts || !PostgresErrors.MayRetry(error, committing))
                    return (error, !broken && (!committing || error is PostgresException));
            }
        }
    }
}

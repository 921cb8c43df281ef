using System.Collections.Concurrent;
using System.Threading.Channels;
using Commune.Storage;

namespace Commune.Server.Jobs;

/// <summary>
/// Runs the jobs of one lane on this node: so many at once, so many per key. A job is leased for a short time and the lease is
/// renewed while it runs, so that the work of a node that died goes on elsewhere soon.
/// </summary>
internal sealed partial class JobWorker(JobLane lane, IStore store, TimeProvider time, ILogger<JobWorker> log) : BackgroundService
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RenewAfter = TimeSpan.FromSeconds(10);

    /// <summary>How often leases are looked at: one look for all jobs, since nearly every one ends before its first.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(1);

    /// <summary>A job that failed in our own hands, not at the far side, comes back after this.</summary>
    private static readonly TimeSpan AfterOwnFailure = TimeSpan.FromMinutes(1);

    /// <summary>The least time between claims while an organisation has all the places that it can have: a claim would look at what waits of it for the one place that has become free.</summary>
    private static readonly TimeSpan ClaimForFullEvery = TimeSpan.FromMilliseconds(15);

    /// <summary>With so many jobs under way none of its destinations runs dry meanwhile.</summary>
    private const int PlentyHeld = 64;

    private readonly ConcurrentDictionary<string, int> held = new(StringComparer.Ordinal);
    private long claimedAt;
    private readonly ConcurrentDictionary<string, RunningJob> running = new(StringComparer.Ordinal);
    private readonly Channel<bool> finished = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ended = new CancellationTokenSource();
        var renewal = RenewAsync(ended.Token);
        try
        {
            await ClaimUntilAsync(stoppingToken);
            // Attempts under way may finish within the host's shutdown time; what does not is taken up again when its lease ends.
            await Task.WhenAny(Task.WhenAll(running.Values.Select(static job => job.Ended)), Task.Delay(TimeSpan.FromSeconds(20), time, CancellationToken.None));
            foreach (var job in running.Values)
                job.Interrupt();
            await Task.WhenAll(running.Values.Select(static job => job.Ended));
        }
        finally
        {
            await ended.CancelAsync();
            await renewal;
        }
    }

    private async Task ClaimUntilAsync(CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
                await ClaimAndStartAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was claimed before is in hand.
        }
    }

    private async Task ClaimAndStartAsync(CancellationToken stopping)
    {
        try
        {
            var sinceLast = time.GetElapsedTime(claimedAt);
            var every = HasFullOrganisation() ? ClaimForFullEvery : lane.ClaimEvery;
            if (sinceLast < every)
                await Task.Delay(every - sinceLast, time, stopping);
            claimedAt = time.GetTimestamp();
            var free = lane.Places - running.Count;
            var jobs = free > 0
                ? await store.Jobs.ClaimAsync(lane.Kind, free, lane.PlacesPerKey,
                    time.GetUtcNow().ToUnixTimeMilliseconds(), Lease, stopping, held.ToDictionary(StringComparer.Ordinal))
                : [];
            foreach (var job in jobs)
                Start(job);
            if (jobs.Count == 0)
                await WaitAsync(stopping);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogQueueTrouble(log, error, lane.Kind);
            await Task.Delay(AfterTrouble, time, stopping);
        }
    }

    /// <summary>Whether the next claim could give some organisation a few places at most (<see cref="IJobStore.ClaimAsync"/>).</summary>
    private bool HasFullOrganisation()
    {
        const int Few = 8;
        var free = lane.Places - running.Count;
        foreach (var (_, count) in held)
        {
            if (count >= PlentyHeld && count > free - (2 * Few))
                return true;
        }
        return false;
    }

    /// <summary>Until a job is added, comes due, or finishes here and so frees a place of its key.</summary>
    private async Task WaitAsync(CancellationToken stopping)
    {
        var due = await store.Jobs.NextDueAsync(lane.Kind, stopping);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // What is due already waits only for a place: the end of a running job will tell.
        var wait = due is null || due <= now ? LongestWait : TimeSpan.FromMilliseconds(Math.Min(due.Value - now + 1, LongestWait.TotalMilliseconds));
        if (due <= now && running.IsEmpty)
            wait = AfterTrouble;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var added = store.Jobs.WaitAsync(lane.Kind, wait, either.Token);
        var ended = finished.Reader.ReadAsync(either.Token).AsTask();
        var first = await Task.WhenAny(added, ended);
        await either.CancelAsync();
        await first;
    }

    private void Start(Job job)
    {
        var entry = new RunningJob(job, time.GetTimestamp());
        held.AddOrUpdate(job.OrgId, 1, static (_, count) => count + 1);
        running[job.Id] = entry;
        _ = RunAfterThisAsync();

        async Task RunAfterThisAsync()
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await RunAsync(entry);
            running.TryRemove(job.Id, out _);
            GiveUpPlace(job.OrgId);
            finished.Writer.TryWrite(true);
            entry.End();
        }
    }

    private void GiveUpPlace(string orgId)
    {
        if (held.AddOrUpdate(orgId, 0, static (_, count) => count - 1) == 0)
            held.TryRemove(new KeyValuePair<string, int>(orgId, 0));
    }

    private async Task RunAsync(RunningJob entry)
    {
        try
        {
            await lane.RunAsync(entry.Job, entry.Lost);
        }
        catch (OperationCanceledException) when (entry.Lost.IsCancellationRequested)
        {
            LogInterrupted(log, lane.Kind, entry.Job.Id);
        }
        catch (Exception error)
        {
            LogJobFailed(log, error, lane.Kind, entry.Job.Id);
            await GiveBackAsync(entry.Job);
        }
    }

    private async Task GiveBackAsync(Job job)
    {
        try
        {
            await store.Jobs.RescheduleAsync(job, (time.GetUtcNow() + AfterOwnFailure).ToUnixTimeMilliseconds(), CancellationToken.None);
        }
        catch (Exception error)
        {
            // The lease runs out by itself, and the job is taken up again.
            LogQueueTrouble(log, error, lane.Kind);
        }
    }

    /// <summary>Keeps the leases of the jobs that run.</summary>
    private async Task RenewAsync(CancellationToken ended)
    {
        while (true)
        {
            await Task.Delay(LookEvery, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
                return;
            await Task.WhenAll(running.Values.Where(entry => time.GetElapsedTime(entry.RenewedAt) >= RenewAfter).Select(entry => RenewAsync(entry, ended)));
        }
    }

    /// <summary>Stops the job when the lease is lost, since another worker has it then.</summary>
    private async Task RenewAsync(RunningJob entry, CancellationToken ended)
    {
        try
        {
            var until = time.GetUtcNow() + Lease;
            entry.RenewedAt = time.GetTimestamp();
            // One that has just ended has lost nothing.
            if (await store.Jobs.RenewAsync(entry.Job, until.ToUnixTimeMilliseconds(), ended) || !running.ContainsKey(entry.Job.Id))
                return;
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            LogQueueTrouble(log, error, lane.Kind);
        }
        entry.Interrupt();
    }

    /// <summary>A job that this worker has in hand.</summary>
    private sealed class RunningJob(Job job, long startedAt)
    {
        private readonly CancellationTokenSource lost = new();
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Job Job => job;

        public long RenewedAt { get; set; } = startedAt;

        /// <summary>Cancelled when another worker has the job, or the program ends.</summary>
        public CancellationToken Lost => lost.Token;

        public Task Ended => ended.Task;

        // Not disposed when it ends: it has no timer, and may be cancelled just then.
        public void Interrupt() => lost.Cancel();

        public void End() => ended.SetResult();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue of {Kind} jobs could not be read or written; trying again")]
    private static partial void LogQueueTrouble(ILogger log, Exception error, string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {JobId} ({Kind}) failed in our own hands; it comes back in a minute")]
    private static partial void LogJobFailed(ILogger log, Exception error, string kind, string jobId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {JobId} ({Kind}) was interrupted; it is taken up again")]
    private static partial void LogInterrupted(ILogger log, string kind, string jobId);
}

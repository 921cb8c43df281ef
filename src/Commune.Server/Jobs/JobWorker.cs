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
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(1);

    /// <summary>A job that failed in our own hands, not at the far side, comes back after this.</summary>
    private static readonly TimeSpan AfterOwnFailure = TimeSpan.FromMinutes(1);

    /// <summary>Claims follow each other no faster, so that one takes up all that came meanwhile.</summary>
    private static readonly TimeSpan ClaimEvery = TimeSpan.FromMilliseconds(3);

    private readonly ConcurrentDictionary<string, int> held = new(StringComparer.Ordinal);
    private long claimedAt;
    private readonly ConcurrentDictionary<string, Task> running = new(StringComparer.Ordinal);
    private readonly Channel<bool> finished = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Attempts under way may finish within the host's shutdown time; what does not is taken up again when its lease ends.
        using var abort = new CancellationTokenSource();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
                await ClaimAndStartAsync(abort.Token, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAny(Task.WhenAll(running.Values), Task.Delay(TimeSpan.FromSeconds(20), time, CancellationToken.None));
            await abort.CancelAsync();
            await Task.WhenAll(running.Values);
        }
    }

    private async Task ClaimAndStartAsync(CancellationToken abort, CancellationToken stopping)
    {
        try
        {
            var sinceLast = time.GetElapsedTime(claimedAt);
            if (sinceLast < ClaimEvery)
                await Task.Delay(ClaimEvery - sinceLast, time, stopping);
            claimedAt = time.GetTimestamp();
            var free = lane.Places - running.Count;
            var jobs = free > 0
                ? await store.Jobs.ClaimAsync(lane.Kind, free, lane.PlacesPerKey,
                    time.GetUtcNow().ToUnixTimeMilliseconds(), Lease, stopping, held.ToDictionary(StringComparer.Ordinal))
                : [];
            foreach (var job in jobs)
                Start(job, abort);
            if (jobs.Count == 0)
                await WaitAsync(stopping);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogQueueTrouble(log, error, lane.Kind);
            await Task.Delay(AfterTrouble, time, stopping);
        }
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

    private void Start(Job job, CancellationToken abort)
    {
        var start = new TaskCompletionSource();
        held.AddOrUpdate(job.OrgId, 1, static (_, count) => count + 1);
        running[job.Id] = RunAfterAsync(start.Task);
        start.SetResult();

        async Task RunAfterAsync(Task registered)
        {
            await registered.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await RunAsync(job, abort);
            running.TryRemove(job.Id, out _);
            GiveUpPlace(job.OrgId);
            finished.Writer.TryWrite(true);
        }
    }

    private void GiveUpPlace(string orgId)
    {
        if (held.AddOrUpdate(orgId, 0, static (_, count) => count - 1) == 0)
            held.TryRemove(new KeyValuePair<string, int>(orgId, 0));
    }

    private async Task RunAsync(Job job, CancellationToken abort)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(abort);
        using var done = new CancellationTokenSource();
        var renewal = RenewAsync(job, lost, done.Token);
        try
        {
            await lane.RunAsync(job, lost.Token);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            LogInterrupted(log, lane.Kind, job.Id);
        }
        catch (Exception error)
        {
            LogJobFailed(log, error, lane.Kind, job.Id);
            await GiveBackAsync(job);
        }
        finally
        {
            await done.CancelAsync();
            await renewal;
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

    /// <summary>Keeps the lease while the job runs; stops the job when the lease is lost, since another worker has it then.</summary>
    private async Task RenewAsync(Job job, CancellationTokenSource lost, CancellationToken done)
    {
        try
        {
            while (true)
            {
                // Nearly every job ends before this does: that must not cost an exception.
                await Task.Delay(RenewEvery, time, done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (done.IsCancellationRequested)
                    return;
                if (!await store.Jobs.RenewAsync(job, (time.GetUtcNow() + Lease).ToUnixTimeMilliseconds(), done))
                    break;
            }
        }
        catch (OperationCanceledException) when (done.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            LogQueueTrouble(log, error, lane.Kind);
        }
        await lost.CancelAsync();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue of {Kind} jobs could not be read or written; trying again")]
    private static partial void LogQueueTrouble(ILogger log, Exception error, string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {JobId} ({Kind}) failed in our own hands; it comes back in a minute")]
    private static partial void LogJobFailed(ILogger log, Exception error, string kind, string jobId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {JobId} ({Kind}) was interrupted; it is taken up again")]
    private static partial void LogInterrupted(ILogger log, string kind, string jobId);
}

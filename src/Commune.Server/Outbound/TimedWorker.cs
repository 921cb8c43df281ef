using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>Jobs of one kind that each have a time of their own, and what is done when it has come.</summary>
internal sealed record TimedWork(string Kind, Func<Job, CancellationToken, Task> RunAsync);

/// <summary>Waits for the times of jobs and runs those that are due; as rows they survive restarts.</summary>
internal sealed partial class TimedWorker(TimedWork work, IStore store, TimeProvider time, ILogger<TimedWorker> log) : BackgroundService
{
    private const int AtOnce = 64;
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                var jobs = await store.Jobs.ClaimAsync(work.Kind, AtOnce, AtOnce, now, Lease, stoppingToken);
                await Task.WhenAll(jobs.Select(job => RunAsync(job, stoppingToken)));
                if (jobs.Count == 0)
                    await WaitAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogTrouble(log, error, work.Kind);
                await Task.Delay(AfterTrouble, time, stoppingToken);
            }
        }
    }

    /// <summary>A job that fails holds none of the others; its lease runs out, and it comes back.</summary>
    private async Task RunAsync(Job job, CancellationToken cancellation)
    {
        try
        {
            await work.RunAsync(job, cancellation);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailure(log, error, work.Kind, job.Key);
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        var due = await store.Jobs.NextDueAsync(work.Kind, stopping);
        var ahead = due - time.GetUtcNow().ToUnixTimeMilliseconds() + 1;
        var wait = ahead is null ? LongestWait : TimeSpan.FromMilliseconds(Math.Clamp(ahead.Value, 1, (long)LongestWait.TotalMilliseconds));
        await store.Jobs.WaitAsync(work.Kind, wait, stopping);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Jobs of kind {Kind} could not be looked for; trying again")]
    private static partial void LogTrouble(ILogger log, Exception error, string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Kind} of {Key} failed when its time came; trying again in a minute")]
    private static partial void LogFailure(ILogger log, Exception error, string kind, string key);
}

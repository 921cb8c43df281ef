using Commune.Storage;

namespace Commune.Server.Deletion;

/// <summary>Finishes the deletions that no request finishes: large ones, and those that a crash cut short.</summary>
internal sealed partial class DeletionWorker(IStore store, ExecuteDeletion execute, TimeProvider time, ILogger<DeletionWorker> log) : BackgroundService
{
    /// <summary>Longer than any batch takes; a run that lasts longer shares the work with whoever claims the job then, batch by batch.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(1);
    private const int MostAttempts = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var jobs = await store.Jobs.ClaimAsync(JobKind.DeleteData, 1, 1, time.GetUtcNow().ToUnixTimeMilliseconds(), Lease, stoppingToken);
                foreach (var job in jobs)
                    await RunAsync(job, stoppingToken);
                if (jobs.Count == 0)
                    await WaitAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogTrouble(log, error);
                await Task.Delay(AfterFailure, time, stoppingToken);
            }
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        var due = await store.Jobs.NextDueAsync(JobKind.DeleteData, stopping);
        var wait = due is null ? LongestWait
            : TimeSpan.FromMilliseconds(Math.Clamp(due.Value - time.GetUtcNow().ToUnixTimeMilliseconds() + 1, 100, LongestWait.TotalMilliseconds));
        await store.Jobs.WaitAsync(JobKind.DeleteData, wait, stopping);
    }

    private async Task RunAsync(Job job, CancellationToken stopping)
    {
        try
        {
            await execute.FinishAsync(job.OrgId, job.Payload, stopping);
            await store.Jobs.CompleteAsync(job, stopping);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailure(log, error, job.Payload, job.Attempts);
            if (job.Attempts >= MostAttempts)
            {
                await store.Deletions.FailAsync(job.OrgId, job.Payload, $"The deletion failed {MostAttempts} times; the server's log tells why", stopping);
                await store.Jobs.CompleteAsync(job, stopping);
            }
            else
            {
                await store.Jobs.RescheduleAsync(job, (time.GetUtcNow() + AfterFailure).ToUnixTimeMilliseconds(), stopping);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The deletions that wait could not be read; trying again in a minute")]
    private static partial void LogTrouble(ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Deletion {RequestId} failed, attempt {Attempt}; trying again in a minute")]
    private static partial void LogFailure(ILogger log, Exception error, string requestId, int attempt);
}

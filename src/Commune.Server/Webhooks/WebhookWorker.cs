using System.Collections.Concurrent;
using System.Threading.Channels;
using Commune.Storage;

namespace Commune.Server.Webhooks;

/// <summary>
/// Runs the webhook jobs on this node: so many at once, so many per endpoint. A job is leased for a short time and the lease is
/// renewed while it runs, so that the work of a node that died goes on elsewhere soon.
/// </summary>
internal sealed partial class WebhookWorker(
    IStore store, CallWebhook call, WebhookOptions options, TimeProvider time, ILogger<WebhookWorker> log) : BackgroundService
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(1);

    /// <summary>A job that failed in our own hands, not at the far side, comes back after this.</summary>
    private static readonly TimeSpan AfterOwnFailure = TimeSpan.FromMinutes(1);

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
            var free = options.Concurrency - running.Count;
            var jobs = free > 0
                ? await store.Jobs.ClaimAsync(JobKind.Webhook, free, options.ConcurrencyPerEndpoint,
                    time.GetUtcNow().ToUnixTimeMilliseconds(), Lease, stopping)
                : [];
            foreach (var job in jobs)
                Start(job, abort);
            if (jobs.Count == 0)
                await WaitAsync(stopping);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogQueueTrouble(log, error);
            await Task.Delay(AfterTrouble, time, stopping);
        }
    }

    /// <summary>Until a job is added, comes due, or finishes here and so frees a place at its endpoint.</summary>
    private async Task WaitAsync(CancellationToken stopping)
    {
        var due = await store.Jobs.NextDueAsync(JobKind.Webhook, stopping);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // What is due already waits only for a place: the end of a running job will tell.
        var wait = due is null || due <= now ? LongestWait : TimeSpan.FromMilliseconds(Math.Min(due.Value - now + 1, LongestWait.TotalMilliseconds));
        if (due <= now && running.IsEmpty)
            wait = AfterTrouble;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var added = store.Jobs.WaitAsync(JobKind.Webhook, wait, either.Token);
        var ended = finished.Reader.ReadAsync(either.Token).AsTask();
        var first = await Task.WhenAny(added, ended);
        await either.CancelAsync();
        await first;
    }

    private void Start(Job job, CancellationToken abort)
    {
        var start = new TaskCompletionSource();
        running[job.Id] = RunAfterAsync(start.Task);
        start.SetResult();

        async Task RunAfterAsync(Task registered)
        {
            await registered.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await RunAsync(job, abort);
            running.TryRemove(job.Id, out _);
            finished.Writer.TryWrite(true);
        }
    }

    private async Task RunAsync(Job job, CancellationToken abort)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(abort);
        using var done = new CancellationTokenSource();
        var renewal = RenewAsync(job, lost, done.Token);
        try
        {
            await call.RunAsync(job, lost.Token);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            LogInterrupted(log, job.Id);
        }
        catch (Exception error)
        {
            LogJobFailed(log, error, job.Id);
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
            LogQueueTrouble(log, error);
        }
    }

    /// <summary>Keeps the lease while the job runs; stops the job when the lease is lost, since another worker has it then.</summary>
    private async Task RenewAsync(Job job, CancellationTokenSource lost, CancellationToken done)
    {
        try
        {
            while (true)
            {
                await Task.Delay(RenewEvery, time, done);
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
            LogQueueTrouble(log, error);
        }
        await lost.CancelAsync();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The webhook queue could not be read or written; trying again")]
    private static partial void LogQueueTrouble(ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhook job {JobId} failed in our own hands; it comes back in a minute")]
    private static partial void LogJobFailed(ILogger log, Exception error, string jobId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook job {JobId} was interrupted; it is taken up again")]
    private static partial void LogInterrupted(ILogger log, string jobId);
}

using Commune.Server.Hosting;
using Commune.Server.Jobs;
using Commune.Server.Tests.Running;
using Commune.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Commune.Server.Tests.Jobs;

/// <summary>The worker of a lane, over a real store.</summary>
public sealed class JobWorkerTests(SqliteEngine engine)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_that_comes_while_a_job_is_taken_up_waits_for_the_job()
    {
        var settings = await engine.NewSettingsAsync();
        await using var store = engine.OpenStore(settings);
        await FirstStart.RunAsync(store, new CommuneOptions { BootstrapApiKey = ApiKeySecret.New(), DataDirectory = settings.DataDirectory }, TimeProvider.System, Cancel);
        await store.SearchIndex.AskAsync((await store.Domains.GetSharedAsync(Cancel)).OrgId, Cancel);

        var (time, taken, outlived) = (new StopAtStart(), new TaskCompletionSource<JobWorker>(), new TaskCompletionSource<bool>());
        using var worker = new JobWorker(new JobLane(JobKind.SearchIndex, 1, 1, RunAsync), store, time, NullLogger<JobWorker>.Instance);
        time.Stop = () => _ = worker.StopAsync(CancellationToken.None);
        await worker.StartAsync(Cancel);
        taken.SetResult(worker);
        Assert.False(await outlived.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        await worker.ExecuteTask!;

        async Task RunAsync(Job job, CancellationToken cancellation)
        {
            // The worker has this long to end before its job, which it must not.
            var end = (await taken.Task).ExecuteTask!;
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, CancellationToken.None));
            outlived.SetResult(end.IsCompleted);
        }
    }

    /// <summary>Asks the worker to stop between its claim, for which it reads the time of day, and the start of what it got.</summary>
    private sealed class StopAtStart : TimeProvider
    {
        private bool claims;

        public Action? Stop { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            claims = true;
            return System.GetUtcNow();
        }

        public override long GetTimestamp()
        {
            if (claims && Stop is { } stop)
            {
                Stop = null;
                stop();
            }
            return System.GetTimestamp();
        }
    }
}

using System.Diagnostics.Metrics;
using Commune.Server.Search;
using Commune.Storage;

namespace Commune.Server.Metrics;

/// <summary>What waits in the store, over all organisations and nodes: asked for when figures are read, not more often than every ten seconds.</summary>
internal sealed partial class StoreBacklog
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly IStore store;
    private readonly string? model;
    private readonly TimeProvider time;
    private readonly ILogger<StoreBacklog> log;
    private readonly SemaphoreSlim reading = new(1);
    private WaitingWork? last;
    private DateTimeOffset readAt = DateTimeOffset.MinValue;

    /// <param name="provider">Null where no provider makes vectors.</param>
    public StoreBacklog(Meter meter, IStore store, EmbeddingProvider? provider, TimeProvider time, ILogger<StoreBacklog> log)
    {
        (this.store, model, this.time, this.log) = (store, provider?.Model, time, log);
        meter.CreateObservableGauge("commune.store.up", () => last is null ? 0 : 1, null, "1 when the store answered");
        meter.CreateObservableGauge("commune.jobs.waiting", () => OfJobs(static (jobs, _) => jobs.Waiting), null, "Jobs that are not done, by kind; deliver is the queue of mail to other servers");
        meter.CreateObservableGauge("commune.jobs.due", () => OfJobs(static (jobs, _) => jobs.Due), null, "Those of them whose time has come");
        meter.CreateObservableGauge(
            "commune.jobs.oldest.due.age", () => OfJobs(static (jobs, now) => jobs.OldestDueAt is { } at ? Math.Max(0, now - at) / 1000.0 : 0), "s",
            "How long the oldest of these has been due");
        meter.CreateObservableGauge("commune.search.unindexed", () => Figure(last?.Unindexed), null, "Messages of earlier versions that search does not find yet");
        if (model is not null)
            meter.CreateObservableGauge("commune.search.unembedded", () => Figure(last?.Unembedded), null, "Messages and files without a vector of the provider's model");
    }

    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await reading.WaitAsync(cancellation);
        try
        {
            var now = time.GetUtcNow();
            if (now - readAt < Fresh)
                return;
            using var limit = new CancellationTokenSource(Limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            last = null;
            last = await store.CountWaitingAsync(now.ToUnixTimeMilliseconds(), model, either.Token);
            readAt = now;
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            // The other figures are told all the same: this is when they are needed.
            LogFailure(log, error);
        }
        finally
        {
            reading.Release();
        }
    }

    private IEnumerable<Measurement<double>> OfJobs(Func<WaitingJobs, long, double> figure)
    {
        var at = readAt.ToUnixTimeMilliseconds();
        return last is not { } read ? [] : [.. read.Jobs.Select(jobs => new Measurement<double>(figure(jobs, at), new KeyValuePair<string, object?>("kind", jobs.Kind)))];
    }

    private static IEnumerable<Measurement<long>> Figure(long? figure) => figure is { } known ? [new Measurement<long>(known)] : [];

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store did not say what waits in it")]
    private static partial void LogFailure(ILogger log, Exception error);
}

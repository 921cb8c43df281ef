using Commune.Server.Deletion;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Hosting;

/// <summary>Forgets, every few minutes, what has outlived its use.</summary>
internal sealed partial class Maintenance(
    IStore store, BlobGarbage garbage, OrphanSweep orphans, WebhookOptions webhooks, OutboundOptions outbound, TimeProvider time, ILogger<Maintenance> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await garbage.RemoveAsync(stoppingToken);
                if (await orphans.RunAsync(stoppingToken) is var removed and > 0)
                    LogOrphans(log, removed);
                var now = time.GetUtcNow();
                await store.SweepAsync(now.ToUnixTimeMilliseconds(), stoppingToken);
                await store.Webhooks.SweepAsync((now - webhooks.Retention).ToUnixTimeMilliseconds(), stoppingToken);
                if (outbound.EventRetention > TimeSpan.Zero)
                    await store.DeliveryEvents.SweepAsync((now - outbound.EventRetention).ToUnixTimeMilliseconds(), stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailure(log, error);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} blobs that nothing refers to were removed")]
    private static partial void LogOrphans(ILogger log, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store could not be swept; trying again in ten minutes")]
    private static partial void LogFailure(ILogger log, Exception error);
}

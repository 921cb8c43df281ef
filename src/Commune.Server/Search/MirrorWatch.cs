using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Asks, every few seconds, for organisations of which Qdrant lacks vectors or has too many.</summary>
internal sealed partial class MirrorWatch(IStore store, Qdrant qdrant, TimeProvider time, ILogger<MirrorWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);
    private const int AtOnce = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                foreach (var orgId in await store.VectorMirrors.ListBehindAsync(qdrant.Target, AtOnce, stoppingToken))
                    await store.VectorMirrors.AskAsync(orgId, stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailure(log, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "It could not be seen what Qdrant lacks; trying again")]
    private static partial void LogFailure(ILogger log, Exception error);
}

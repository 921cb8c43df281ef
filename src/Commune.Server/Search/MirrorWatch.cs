using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Asks, every few seconds, for organisations of which the engine lacks vectors or has too many.</summary>
internal sealed partial class MirrorWatch(IStore store, VectorEngineInUse inUse, TimeProvider time, ILogger<MirrorWatch> log) : BackgroundService
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
                if (inUse.Engine is not { } engine)
                    return;
                foreach (var orgId in await store.VectorMirrors.ListBehindAsync(engine.Target, engine.MostNumbers, AtOnce, stoppingToken))
                    await store.VectorMirrors.AskAsync(orgId, stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailure(log, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "It could not be seen what the search engine lacks; trying again")]
    private static partial void LogFailure(ILogger log, Exception error);
}

using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Asks for the vectors of mail that has none of the provider's model: at the start, and every few minutes, in case a process died.</summary>
internal sealed partial class EmbeddingStart(IStore store, EmbeddingProvider provider, TimeProvider time, ILogger<EmbeddingStart> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);
    private const int AtOnce = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                foreach (var orgId in await store.SearchVectors.ListBehindAsync(provider.Model, AtOnce, stoppingToken))
                    await store.SearchVectors.AskAsync(orgId, stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailure(log, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Vectors could not be asked for; trying again in ten minutes")]
    private static partial void LogFailure(ILogger log, Exception error);
}

using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>
/// A query always hears of deletions before it ranks. Where nobody searches, this has the memory of this node let go of deleted mail all the same,
/// within a minute.
/// </summary>
internal sealed partial class FollowDeletions(SearchCache cache, IStore store, TimeProvider time, ILogger<FollowDeletions> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await cache.FollowAsync(store, stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailure(log, error);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The indexes in memory could not be brought up to date; trying again in a minute")]
    private static partial void LogFailure(ILogger log, Exception error);
}

using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>
/// Has the index follow the program: on the first start of a version mail is indexed that is not yet, or not by its model. Then, every few minutes,
/// asks for work that nobody asked for because a process died.
/// </summary>
internal sealed partial class SearchStart(IStore store, IndexMail index, TimeProvider time, ILogger<SearchStart> log) : BackgroundService
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
                await store.SearchIndex.UseModelAsync(index.IsOn ? index.Model : ISearchIndexStore.NoModel, stoppingToken);
                foreach (var orgId in await store.SearchIndex.ListForgottenAsync(AtOnce, stoppingToken))
                    await store.SearchIndex.AskAsync(orgId, stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailure(log, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The index could not be looked after; trying again in ten minutes")]
    private static partial void LogFailure(ILogger log, Exception error);
}

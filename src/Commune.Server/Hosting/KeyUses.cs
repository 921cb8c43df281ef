using System.Collections.Concurrent;
using Commune.Storage;

namespace Commune.Server.Hosting;

/// <summary>
/// When keys were last used: noted in memory with each request and written together every half minute, so that no request writes.
/// What a crash loses is less than half a minute of a display.
/// </summary>
internal sealed partial class KeyUses(IStore store, TimeProvider time, ILogger<KeyUses> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private const int AtOnce = 1000;

    private readonly ConcurrentDictionary<(string OrgId, string KeyId), long> unwritten = new();

    public void Note(ApiKey key) => unwritten[(key.OrgId, key.Id)] = time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The later of what is stored and what this node knows.</summary>
    public long? LastUse(ApiKey key) => unwritten.TryGetValue((key.OrgId, key.Id), out var at) && at > (key.LastUsedAt ?? 0) ? at : key.LastUsedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await WriteAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was noted since the last time is written below.
        }
        await WriteAsync(CancellationToken.None);
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        foreach (var batch in unwritten.ToArray().Chunk(AtOnce))
        {
            try
            {
                await store.ApiKeys.RecordUsesAsync([.. batch.Select(static use => new KeyUse(use.Key.OrgId, use.Key.KeyId, use.Value))], cancellation);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // They stay noted, and go with the next batch.
                LogFailure(log, error);
                return;
            }
            // A use that was noted meanwhile stays.
            foreach (var use in batch)
                unwritten.TryRemove(use);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The last uses of API keys could not be written; trying again in half a minute")]
    private static partial void LogFailure(ILogger log, Exception error);
}

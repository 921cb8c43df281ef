using Commune.Storage;

namespace Commune.Server.Domains;

/// <summary>Checks domains again when their time comes: those that wait for their records, and those that might lose them.</summary>
internal sealed partial class DomainWatch(IStore store, RecordDomainCheck check, TimeProvider time, ILogger<DomainWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);
    private const int AtOnce = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunDueAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailure(log, error);
            }
        }
    }

    private async Task RunDueAsync(CancellationToken cancellation)
    {
        await store.Domains.RetireDkimKeysAsync(time.GetUtcNow().ToUnixTimeMilliseconds(), cancellation);
        IReadOnlyList<Domain> due;
        do
        {
            var now = time.GetUtcNow();
            due = await store.DomainChecks.ClaimDueAsync(now.ToUnixTimeMilliseconds(), (now + Lease).ToUnixTimeMilliseconds(), AtOnce, cancellation);
            await Task.WhenAll(due.Select(domain => check.InTheBackgroundAsync(domain, cancellation)));
        }
        while (due.Count == AtOnce);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Domains could not be checked; trying again in a minute")]
    private static partial void LogFailure(ILogger log, Exception error);
}

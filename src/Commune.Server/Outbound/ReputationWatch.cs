using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Outbound;

/// <summary>
/// The breaker: every few seconds it looks at what came back of each organisation's mail in the last 24 hours, pauses the sending of one that hurts
/// the server's name, and lets it go on when the window has recovered. Every node may run it: pausing twice changes nothing.
/// </summary>
internal sealed partial class ReputationWatch(IStore store, IOptions<CommuneOptions> options, TimeProvider time, ILogger<ReputationWatch> log) : BackgroundService
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);
    private readonly ReputationOptions settings = options.Value.Reputation;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.CheckEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailure(log, error);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var bad = new HashSet<string>(StringComparer.Ordinal);
        foreach (var returned in await store.Pauses.FindReturnedAsync(now - (long)Window.TotalMilliseconds, cancellation))
        {
            if (await JudgeAsync(returned, now, cancellation) is not { } pause)
                continue;
            bad.Add(pause.OrgId);
            var present = await store.Pauses.GetAsync(pause.OrgId, cancellation);
            if (present is not null && present with { PausedAt = pause.PausedAt } == pause)
                continue;
            await store.Pauses.PauseAsync(pause, cancellation);
            if (present is null)
                LogPaused(log, pause.OrgId, pause.HardBounces, pause.Complaints, pause.Outcomes);
        }
        foreach (var pause in await store.Pauses.ListAsync(cancellation))
        {
            // One that another node made after this look began is not judged by it.
            if (pause.PausedAt < now && !bad.Contains(pause.OrgId) && await store.Pauses.ResumeAsync(pause.OrgId, forgiveBefore: null, now, cancellation))
                LogResumed(log, pause.OrgId);
        }
    }

    /// <summary>Null when the organisation may send.</summary>
    private async Task<SendingPause?> JudgeAsync(ReturnedMail returned, long now, CancellationToken cancellation)
    {
        // The whole is counted only for those who could be over: with the least volume these would be too many.
        var suspicious = returned.HardBounces > settings.MinimumVolume * settings.MaxHardBouncePercent / 100
            || returned.Complaints >= settings.MinimumComplaints;
        if (!suspicious)
            return null;
        var counts = await store.DeliveryEvents.CountAsync(returned.OrgId, null, null, returned.CountFrom, now, cancellation);
        var outcomes = counts.Delivered + counts.Bounced;
        if (outcomes < settings.MinimumVolume)
            return null;
        var tooManyBounces = returned.HardBounces * 100.0 > settings.MaxHardBouncePercent * outcomes;
        var tooManyComplaints = returned.Complaints >= settings.MinimumComplaints && returned.Complaints * 100.0 > settings.MaxComplaintPercent * outcomes;
        return tooManyBounces || tooManyComplaints
            ? new SendingPause(returned.OrgId, now, returned.Newest + (long)Window.TotalMilliseconds, (int)outcomes, returned.HardBounces, returned.Complaints)
            : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sending of {OrgId} is paused: {HardBounces} hard bounces and {Complaints} complaints of {Outcomes} recipients in 24 hours")]
    private static partial void LogPaused(ILogger log, string orgId, int hardBounces, int complaints, int outcomes);

    [LoggerMessage(Level = LogLevel.Information, Message = "{OrgId} may send again")]
    private static partial void LogResumed(ILogger log, string orgId);

    [LoggerMessage(Level = LogLevel.Error, Message = "What came back could not be counted; trying again")]
    private static partial void LogFailure(ILogger log, Exception error);
}

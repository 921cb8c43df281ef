using Commune.Server.Hosting;

namespace Commune.Server.Outbound;

/// <summary>When a message that could not be handed over is tried again, and when we give up (RFC 5321 §4.5.4.1).</summary>
public sealed class RetrySchedule(IReadOnlyList<TimeSpan> delays, TimeSpan giveUpAfter)
{
    /// <summary>A host that is back is found out so soon at the latest.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(15);

    public static RetrySchedule From(OutboundOptions options) =>
        new(SettingText.Durations("Commune:Outbound:RetrySchedule", options.RetrySchedule), options.GiveUpAfter);

    /// <param name="attempts">Attempts made so far, at least 1.</param>
    /// <returns>The time of the next attempt, or null when the message has waited long enough.</returns>
    public DateTimeOffset? Next(int attempts, DateTimeOffset queuedAt, DateTimeOffset now) =>
        At(now + delays[Math.Clamp(attempts - 1, 0, delays.Count - 1)], queuedAt);

    /// <summary>The same, when the time of the next attempt is known.</summary>
    public DateTimeOffset? At(DateTimeOffset next, DateTimeOffset queuedAt) => next - queuedAt > giveUpAfter ? null : next;

    /// <summary>How long a host that failed as a whole, so often in a row, is left alone.</summary>
    public TimeSpan HoldFor(int failures)
    {
        var delay = delays[Math.Clamp(failures - 1, 0, delays.Count - 1)];
        return delay < LongestHold ? delay : LongestHold;
    }
}

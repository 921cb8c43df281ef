using Commune.Server.Hosting;

namespace Commune.Server.Outbound;

/// <summary>When a message that could not be handed over is tried again, and when we give up (RFC 5321 §4.5.4.1).</summary>
public sealed class RetrySchedule(IReadOnlyList<TimeSpan> delays, TimeSpan giveUpAfter)
{
    public static RetrySchedule From(OutboundOptions options) =>
        new(SettingText.Durations("Commune:Outbound:RetrySchedule", options.RetrySchedule), options.GiveUpAfter);

    /// <param name="attempts">Attempts made so far, at least 1.</param>
    /// <returns>The time of the next attempt, or null when the message has waited long enough.</returns>
    public DateTimeOffset? Next(int attempts, DateTimeOffset queuedAt, DateTimeOffset now)
    {
        var next = now + delays[Math.Clamp(attempts - 1, 0, delays.Count - 1)];
        return next - queuedAt > giveUpAfter ? null : next;
    }
}

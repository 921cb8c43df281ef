using Commune.Server.Hosting;

namespace Commune.Server.Webhooks;

/// <summary>When a call that failed is made again (contract section 14, Attempts).</summary>
/// <param name="random">A number from 0 to 1: which part of the ± 25 % is taken.</param>
internal sealed class WebhookSchedule(IReadOnlyList<TimeSpan> delays, Func<double> random)
{
    private const double Spread = 0.25;

    public int MaxAttempts => delays.Count + 1;

    public static WebhookSchedule From(WebhookOptions options) =>
        new(SettingText.Durations("Commune:Webhooks:RetrySchedule", options.RetrySchedule), Random.Shared.NextDouble);

    /// <param name="attempt">The attempt of its set that failed: 1, 2…</param>
    /// <param name="asked">What the endpoint asked for in Retry-After; at most the longest delay is granted.</param>
    /// <returns>How long to wait, or null when it was the last.</returns>
    public TimeSpan? After(int attempt, TimeSpan? asked)
    {
        if (attempt > delays.Count)
            return null;
        var own = delays[Math.Max(attempt, 1) - 1] * (1 - Spread + (2 * Spread * random()));
        var longest = delays.Max();
        var granted = asked > longest ? longest : asked ?? TimeSpan.Zero;
        return granted > own ? granted : own;
    }
}

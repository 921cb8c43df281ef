using Commune.Storage;

namespace Commune.Server.Events;

/// <summary>
/// Where in the log an inbox begins: events stand in the order of their time, so the place is found by halves. Whoever asks for one inbox of an
/// old organisation need not look through everything that came before it.
/// </summary>
internal static class LogStart
{
    /// <summary>How far the clocks of nodes may be apart.</summary>
    private const long Skew = 5_000;

    /// <returns>The number of an event before every event of the inbox.</returns>
    public static async Task<long> OfInboxAsync(IEventStore log, string orgId, long createdAt, long newest, CancellationToken cancellation)
    {
        var (before, upTo) = (0L, newest);
        while (upTo - before > EventFeed.PageSize)
        {
            var middle = before + ((upTo - before) / 2);
            var found = await log.ReadAsync(orgId, middle - 1, 1, cancellation);
            if (found.Count == 1 && found[0].At < createdAt - Skew)
                before = middle;
            else
                upTo = middle;
        }
        return before;
    }
}

using Commune.Storage;

namespace Commune.Server.Events;

/// <param name="HasMore">More events, perhaps none that match, stand behind the reader's position.</param>
internal readonly record struct EventBatch(IReadOnlyList<LogEvent> Events, bool HasMore);

/// <summary>A position in an organisation's log that moves on over what a filter leaves out.</summary>
/// <param name="feed">Null for a reader that does not wait.</param>
internal sealed class EventReader(string orgId, IEventStore log, EventFeed? feed, EventFilter filter, long position, TimeProvider time)
{
    /// <summary>A call looks at no more events than this, however few match.</summary>
    public const int MostScanned = 10_000;

    public EventFilter Filter => filter;

    /// <summary>The number of the last event that was looked at.</summary>
    public long Position { get; private set; } = position;

    /// <summary>The position as an event id: what a caller hands back to go on.</summary>
    public string Cursor => LogPosition.Of(orgId, Position);

    public async Task<EventBatch> ReadAsync(int limit, CancellationToken cancellation)
    {
        var found = new List<LogEvent>();
        for (var scanned = 0; scanned < MostScanned;)
        {
            var kept = feed?.Read(Position);
            var page = kept ?? [.. (await log.ReadAsync(orgId, Position, EventFeed.PageSize, cancellation)).Select(static entry => new LogEvent(entry))];
            for (var i = 0; i < page.Count; i++)
            {
                var entry = page[i].Entry;
                Position = entry.Sequence;
                if (!filter.Takes(entry))
                    continue;
                found.Add(page[i]);
                if (found.Count == limit)
                    return new EventBatch(found, i + 1 < page.Count || page.Count == EventFeed.PageSize);
            }
            scanned += page.Count;
            if (page.Count < EventFeed.PageSize)
                return new EventBatch(found, HasMore: false);
        }
        return new EventBatch(found, HasMore: true);
    }

    /// <summary>Until there is an event behind the position, or the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        var grown = feed!.GrownAsync(Position);
        if (grown.IsCompleted || atMost <= TimeSpan.Zero)
            return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(grown, Task.Delay(atMost, time, stop.Token));
        await stop.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }
}

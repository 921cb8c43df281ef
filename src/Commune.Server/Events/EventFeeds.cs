using Commune.Storage;

namespace Commune.Server.Events;

/// <summary>The feeds of the organisations that somebody follows on this node; one that nobody follows any more ends.</summary>
internal sealed class EventFeeds(IStore store, TimeProvider time, ILogger<EventFeed> logger) : IAsyncDisposable
{
    /// <summary>Streams, sockets and long polls of one organisation on one node together.</summary>
    public const int MostFollowers = 5000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Running> feeds = new(StringComparer.Ordinal);
    private readonly HashSet<Task> ending = [];

    /// <summary>Joins the organisation's feed; null when it has as many followers as it may. Disposing leaves it.</summary>
    /// <param name="newest">The number of an event that is committed: a feed that begins now begins behind it.</param>
    public EventFollower? Follow(string orgId, long newest)
    {
        lock (gate)
        {
            if (!feeds.TryGetValue(orgId, out var running))
                feeds.Add(orgId, running = new Running(new EventFeed(orgId, newest, store.Events, time, logger)));
            if (running.Followers == MostFollowers)
                return null;
            running.Followers++;
            return new EventFollower(running.Feed, () => Leave(orgId, running));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] last;
        lock (gate)
        {
            foreach (var running in feeds.Values)
                ending.Add(running.EndAsync());
            feeds.Clear();
            last = [.. ending];
        }
        await Task.WhenAll(last);
    }

    private void Leave(string orgId, Running running)
    {
        lock (gate)
        {
            if (--running.Followers > 0 || !feeds.Remove(orgId))
                return;
            ending.RemoveWhere(static task => task.IsCompleted);
            ending.Add(running.EndAsync());
        }
    }

    private sealed class Running
    {
        private readonly CancellationTokenSource stopping = new();
        private readonly Task loop;

        public Running(EventFeed feed)
        {
            Feed = feed;
            loop = Task.Run(() => feed.RunAsync(stopping.Token));
        }

        public EventFeed Feed { get; }

        public int Followers { get; set; }

        public async Task EndAsync()
        {
            await stopping.CancelAsync();
            await loop;
            stopping.Dispose();
        }
    }
}

/// <summary>One who follows a feed.</summary>
internal sealed class EventFollower(EventFeed feed, Action leave) : IDisposable
{
    private Action? leave = leave;

    public EventFeed Feed => feed;

    public void Dispose() => Interlocked.Exchange(ref leave, null)?.Invoke();
}

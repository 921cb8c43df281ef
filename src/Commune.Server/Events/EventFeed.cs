using Commune.Storage;

namespace Commune.Server.Events;

/// <summary>
/// The newest events of one organisation, read from its log once for all who follow it on this node. It keeps no queue for anybody: a follower
/// has a position, takes from here what is behind it, and goes to the log itself when it has fallen behind what is kept.
/// </summary>
internal sealed partial class EventFeed(string orgId, long start, IEventStore log, TimeProvider time, ILogger<EventFeed> logger)
{
    public const int PageSize = 200;
    private const int Kept = 512;

    /// <summary>A commit wakes the feed; this is for a signal of another node that was lost.</summary>
    private static readonly TimeSpan RegularLook = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly List<LogEvent> recent = [];

    /// <summary>All that is newer is in <see cref="recent"/>.</summary>
    private long floor = start;
    private long newest = start;
    private TaskCompletionSource grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Events behind a position, oldest first; null when they are not all kept here.</summary>
    public IReadOnlyList<LogEvent>? Read(long after)
    {
        lock (gate)
        {
            if (after < floor)
                return null;
            var first = recent.Count;
            while (first > 0 && recent[first - 1].Entry.Sequence > after)
                first--;
            return first == recent.Count ? [] : recent.GetRange(first, Math.Min(PageSize, recent.Count - first));
        }
    }

    /// <summary>Completes when there is an event behind this position.</summary>
    public Task GrownAsync(long after)
    {
        lock (gate)
            return newest > after ? Task.CompletedTask : grown.Task;
    }

    /// <summary>Follows the log until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var watch = log.Watch(orgId);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var page = await log.ReadAsync(orgId, newest, PageSize, stopping);
                if (page.Count > 0)
                    Add(page);
                if (page.Count < PageSize)
                    await watch.WaitAsync(RegularLook, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogTrouble(logger, error);
                await Task.Delay(AfterTrouble, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Add(IReadOnlyList<MailEvent> page)
    {
        TaskCompletionSource woken;
        lock (gate)
        {
            foreach (var entry in page)
                recent.Add(new LogEvent(entry));
            newest = page[^1].Sequence;
            if (recent.Count > 2 * Kept)
            {
                var gone = recent.Count - Kept;
                floor = recent[gone - 1].Entry.Sequence;
                recent.RemoveRange(0, gone);
            }
            woken = grown;
            grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        woken.SetResult();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The event log could not be read; those who follow it wait, trying again")]
    private static partial void LogTrouble(ILogger log, Exception error);
}

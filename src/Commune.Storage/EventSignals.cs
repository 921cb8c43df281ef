using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Commune.Storage;

/// <summary>Wakes those of this process who watch the log of an organisation.</summary>
internal sealed class EventSignals(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, EventWatch[]> watches = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    public IEventWatch Watch(string orgId)
    {
        var watch = new EventWatch(this, orgId, time);
        lock (gate)
            watches[orgId] = [.. watches.GetValueOrDefault(orgId, []), watch];
        return watch;
    }

    public void Pulse(string orgId)
    {
        foreach (var watch in watches.GetValueOrDefault(orgId, []))
            watch.Pulse();
    }

    /// <summary>When it cannot be told what was committed elsewhere.</summary>
    public void PulseAll()
    {
        foreach (var orgId in watches.Keys)
            Pulse(orgId);
    }

    private void Remove(string orgId, EventWatch watch)
    {
        lock (gate)
        {
            EventWatch[] left = [.. watches.GetValueOrDefault(orgId, []).Where(other => other != watch)];
            if (left.Length > 0)
                watches[orgId] = left;
            else
                watches.TryRemove(orgId, out _);
        }
    }

    private sealed class EventWatch(EventSignals signals, string orgId, TimeProvider time) : IEventWatch
    {
        // Pulses that nobody waits for become one.
        private readonly Channel<bool> pulses = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, AllowSynchronousContinuations = false });

        public void Pulse() => pulses.Writer.TryWrite(true);

        public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellation)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var pulse = pulses.Reader.WaitToReadAsync(stop.Token).AsTask();
            await Task.WhenAny(pulse, Task.Delay(atMost, time, stop.Token));
            await stop.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
            pulses.Reader.TryRead(out _);
        }

        public void Dispose() => signals.Remove(orgId, this);
    }
}

using System.Collections.Concurrent;

namespace Commune.Storage;

/// <summary>Wakes the workers of this process when a job of their kind was committed.</summary>
internal sealed class JobSignals(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Signal> kinds = new(StringComparer.Ordinal);

    public void Pulse(string kind) => kinds.GetOrAdd(kind, static _ => new Signal()).Pulse();

    /// <summary>When it cannot be told what was committed elsewhere.</summary>
    public void PulseAll()
    {
        foreach (var signal in kinds.Values)
            signal.Pulse();
    }

    public async Task WaitAsync(string kind, TimeSpan atMost, CancellationToken cancellation)
    {
        var signal = kinds.GetOrAdd(kind, static _ => new Signal());
        if (!signal.TryEnter(out var pulsed))
            return;
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(pulsed, Task.Delay(atMost, time, stop.Token));
            await stop.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
        }
        finally
        {
            signal.Leave();
        }
    }

    /// <summary>A pulse wakes everybody who waits, or else the next to wait.</summary>
    private sealed class Signal
    {
        private readonly Lock gate = new();
        private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int waiting;
        private bool pending;

        public void Pulse()
        {
            TaskCompletionSource woken;
            lock (gate)
            {
                if (waiting == 0)
                {
                    pending = true;
                    return;
                }
                woken = next;
                next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            woken.SetResult();
        }

        /// <summary>False when a pulse came while nobody waited: look at once. Else <see cref="Leave"/> must follow.</summary>
        public bool TryEnter(out Task pulsed)
        {
            lock (gate)
            {
                pulsed = next.Task;
                if (pending)
                {
                    pending = false;
                    return false;
                }
                waiting++;
                return true;
            }
        }

        public void Leave()
        {
            lock (gate)
                waiting--;
        }
    }
}

using System.Collections.Concurrent;

namespace Commune.Storage.Postgres;

/// <summary>Tells those who wait for jobs of a kind that there may be one; remembered once when nobody waits.</summary>
internal sealed class JobSignals(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Bell> bells = new(StringComparer.Ordinal);

    public void Signal(string kind) => bells.GetOrAdd(kind, static _ => new Bell()).Ring();

    public void SignalAll()
    {
        foreach (var bell in bells.Values)
            bell.Ring();
    }

    public async Task WaitAsync(string kind, TimeSpan atMost, CancellationToken cancellation)
    {
        try
        {
            await bells.GetOrAdd(kind, static _ => new Bell()).HeardAsync().WaitAsync(atMost, time, cancellation);
        }
        catch (TimeoutException)
        {
            // Nothing was heard: the caller looks at the rows all the same.
        }
    }

    private sealed class Bell
    {
        private readonly Lock gate = new();
        private TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool awaited;
        private bool rung;

        public void Ring()
        {
            lock (gate)
            {
                if (!awaited)
                {
                    rung = true;
                    return;
                }

                waiting.TrySetResult();
                waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                awaited = false;
            }
        }

        public Task HeardAsync()
        {
            lock (gate)
            {
                if (rung)
                {
                    rung = false;
                    return Task.CompletedTask;
                }

                awaited = true;
                return waiting.Task;
            }
        }
    }
}

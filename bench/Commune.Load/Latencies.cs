using System.Diagnostics;

namespace Commune.Load;

/// <summary>How long calls took that ran back to back from several callers at once.</summary>
internal sealed class Latencies
{
    private readonly long[] sorted;

    private Latencies(IEnumerable<long> ticks, TimeSpan elapsed)
    {
        sorted = [.. ticks.Order()];
        PerSecond = sorted.Length / elapsed.TotalSeconds;
    }

    public int Count => sorted.Length;

    public double PerSecond { get; }

    /// <summary>The body is read to its end; any answer but a 2xx ends the measurement.</summary>
    public static async Task<Latencies> MeasureAsync(int callers, TimeSpan duration, Func<int, Task<HttpResponseMessage>> call)
    {
        var from = Stopwatch.GetTimestamp();
        var ticks = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(caller))));
        return new Latencies(ticks.SelectMany(static t => t), Stopwatch.GetElapsedTime(from));

        async Task<List<long>> CallAsync(int caller)
        {
            var mine = new List<long>();
            while (Stopwatch.GetElapsedTime(from) < duration)
            {
                var started = Stopwatch.GetTimestamp();
                using var response = await call(caller);
                await response.Content.CopyToAsync(Stream.Null, CancellationToken.None);
                mine.Add(Stopwatch.GetTimestamp() - started);
                if (!response.IsSuccessStatusCode)
                    throw new LoadException($"{response.RequestMessage?.RequestUri}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            }
            return mine;
        }
    }

    /// <summary>The same for one caller that speaks something else than HTTP.</summary>
    /// <param name="prepare">Done before each call, and not measured.</param>
    public static async Task<Latencies> MeasureAsync(TimeSpan duration, Func<Task> prepare, Func<Task> call)
    {
        var from = Stopwatch.GetTimestamp();
        var ticks = new List<long>();
        while (Stopwatch.GetElapsedTime(from) < duration)
        {
            await prepare();
            var started = Stopwatch.GetTimestamp();
            await call();
            ticks.Add(Stopwatch.GetTimestamp() - started);
        }
        return new Latencies(ticks, Stopwatch.GetElapsedTime(from));
    }

    /// <summary>The time within which this share of the calls was answered.</summary>
    public string Text(double share) =>
        $"{TimeSpan.FromSeconds((double)sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)] / Stopwatch.Frequency).TotalMilliseconds:0.00} ms";
}

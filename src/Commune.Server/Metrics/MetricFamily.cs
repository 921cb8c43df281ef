using System.Collections.Concurrent;

namespace Commune.Server.Metrics;

/// <summary>How Prometheus calls the kinds of figures.</summary>
internal enum MetricType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>All values of one instrument: a figure for each combination of labels.</summary>
/// <param name="labels">Tags that are kept; null keeps those of the first value.</param>
/// <param name="bounds">Upper bounds of a histogram's buckets, ascending.</param>
internal sealed class MetricFamily(string name, string help, MetricType type, bool isObserved, string[]? labels = null, double[]? bounds = null)
{
    /// <summary>More combinations than a program of ours makes: beyond, values are left out rather than memory taken.</summary>
    private const int MostSeries = 5000;

    private readonly ConcurrentDictionary<LabelValues, MetricSeries> series = [];
    private string[]? labels = labels;

    public string Name => name;

    public string Help => help;

    public MetricType Type => type;

    public IReadOnlyList<string> Labels => labels ?? [];

    public IReadOnlyList<double> Bounds => bounds ?? [];

    public IEnumerable<KeyValuePair<LabelValues, MetricSeries>> Series => series;

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var kept = labels ?? Learn(tags);
        var values = new LabelValues(ValueOf(kept, 0, tags), ValueOf(kept, 1, tags), ValueOf(kept, 2, tags));
        if (!series.TryGetValue(values, out var one))
        {
            if (series.Count >= MostSeries)
                return;
            one = series.GetOrAdd(values, static (_, count) => new MetricSeries(count), bounds?.Length ?? 0);
        }
        if (bounds is not null)
            one.Observe(value, bounds);
        else if (isObserved)
            one.Set(value);
        else
            one.Add(value);
    }

    /// <summary>Before figures are asked for anew: what is not told again is gone.</summary>
    public void Forget()
    {
        if (isObserved)
            series.Clear();
    }

    private string[] Learn(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var names = new string[tags.Length];
        for (var i = 0; i < names.Length; i++)
            names[i] = tags[i].Key;
        return Interlocked.CompareExchange(ref labels, names, null) ?? names;
    }

    private static object? ValueOf(string[] names, int place, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (place >= names.Length)
            return null;
        // Nearly always they come in the same order.
        if (place < tags.Length && tags[place].Key == names[place])
            return tags[place].Value;
        foreach (var tag in tags)
        {
            if (tag.Key == names[place])
                return tag.Value;
        }
        return null;
    }
}

/// <summary>What tells one series of a family from another; three labels are enough for all that we count.</summary>
internal readonly record struct LabelValues(object? First, object? Second, object? Third)
{
    public object? this[int place] => place switch
    {
        0 => First,
        1 => Second,
        _ => Third,
    };
}

/// <summary>One figure, or the buckets of one histogram.</summary>
internal sealed class MetricSeries(int buckets)
{
    private readonly Lock gate = new();
    private readonly long[] counts = new long[buckets == 0 ? 0 : buckets + 1];
    private double sum;

    public void Add(double value)
    {
        lock (gate)
            sum += value;
    }

    public void Set(double value)
    {
        lock (gate)
            sum = value;
    }

    public void Observe(double value, ReadOnlySpan<double> bounds)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
            bucket++;
        lock (gate)
        {
            counts[bucket]++;
            sum += value;
        }
    }

    /// <summary>The figure, or the sum of what was observed, and how often it fell into each bucket.</summary>
    public (double Sum, long[] Counts) Read()
    {
        lock (gate)
            return (sum, [.. counts]);
    }
}

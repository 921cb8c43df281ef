using System.Diagnostics.Metrics;
using Commune.Server.Metrics;

namespace Commune.Server.Tests.Metrics;

/// <summary>What is counted, and how it is written.</summary>
public sealed class MetricsReaderTests : IDisposable
{
    private readonly OwnMeters meters = new();
    private readonly MetricsReader reader;

    public MetricsReaderTests() => reader = new MetricsReader(meters);

    public void Dispose()
    {
        reader.Dispose();
        meters.Dispose();
    }

    private string[] Lines(string beginning) =>
        [.. PrometheusText.Write(reader.Read()).Split('\n').Where(line => line.StartsWith(beginning, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Fact]
    public void A_counter_counts_by_its_labels_and_is_described()
    {
        var traffic = new Traffic(meters.Create(Traffic.MeterName));
        traffic.Received(250);
        traffic.Received(250);
        traffic.Received(451);
        Assert.Equal(
            ["commune_smtp_messages_total{outcome=\"accepted\"} 2", "commune_smtp_messages_total{outcome=\"deferred\"} 1"], Lines("commune_smtp_messages_total"));
        Assert.Equal(
            ["# HELP commune_smtp_messages_total Messages that SMTP clients brought, by what they were answered"], Lines("# HELP commune_smtp_messages_total"));
        Assert.Equal(["# TYPE commune_smtp_messages_total counter"], Lines("# TYPE commune_smtp_messages_total"));
    }

    [Fact]
    public void A_bucket_of_a_histogram_counts_those_below_it_too()
    {
        var traffic = new Traffic(meters.Create(Traffic.MeterName));
        traffic.Called(TimeSpan.FromMilliseconds(5), succeeded: true);
        traffic.Called(TimeSpan.FromMilliseconds(700), succeeded: true);
        traffic.Called(TimeSpan.FromMinutes(1), succeeded: true);
        var lines = Lines("commune_webhook_call_duration_seconds");
        Assert.Contains("commune_webhook_call_duration_seconds_bucket{outcome=\"succeeded\",le=\"0.0025\"} 0", lines, StringComparer.Ordinal);
        Assert.Contains("commune_webhook_call_duration_seconds_bucket{outcome=\"succeeded\",le=\"0.005\"} 1", lines, StringComparer.Ordinal);
        Assert.Contains("commune_webhook_call_duration_seconds_bucket{outcome=\"succeeded\",le=\"1\"} 2", lines, StringComparer.Ordinal);
        Assert.Contains("commune_webhook_call_duration_seconds_bucket{outcome=\"succeeded\",le=\"+Inf\"} 3", lines, StringComparer.Ordinal);
        Assert.Contains("commune_webhook_call_duration_seconds_count{outcome=\"succeeded\"} 3", lines, StringComparer.Ordinal);
        Assert.Contains("commune_webhook_call_duration_seconds_sum{outcome=\"succeeded\"} 60.705", lines, StringComparer.Ordinal);
    }

    [Fact]
    public void A_label_with_quotes_and_line_ends_stays_one_label()
    {
        new Traffic(meters.Create(Traffic.MeterName)).Searched("a\"b\\c\nd");
        Assert.Equal(["commune_searches_total{degraded=\"a\\\"b\\\\c\\nd\"} 1"], Lines("commune_searches_total"));
    }

    [Fact]
    public void What_is_observed_is_told_as_it_is_now()
    {
        var kinds = new[] { "a", "b" };
        meters.Create(Traffic.MeterName).CreateObservableGauge(
            "commune.things", () => kinds.Select(kind => new Measurement<long>(kinds.Length, new KeyValuePair<string, object?>("kind", kind))));
        Assert.Equal(["commune_things{kind=\"a\"} 2", "commune_things{kind=\"b\"} 2"], Lines("commune_things"));
        kinds = ["b"];
        Assert.Equal(["commune_things{kind=\"b\"} 1"], Lines("commune_things"));
    }

    [Fact]
    public void Another_program_in_the_process_is_not_counted()
    {
        using var others = new OwnMeters();
        new Traffic(others.Create(Traffic.MeterName)).Queued();
        Assert.Empty(Lines("commune_messages_queued_total"));
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var traffic = new Traffic(meters.Create(Traffic.MeterName));
        for (var i = 0; i < 100; i++)
            CountAll();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            CountAll();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void CountAll()
        {
            traffic.Received(250);
            traffic.Connected(hasPlace: true);
            traffic.Queued();
            traffic.Called(TimeSpan.FromMilliseconds(3), succeeded: false);
            traffic.Searched(null);
        }
    }

    [Fact]
    public void The_runtime_tells_of_memory_and_garbage()
    {
        Assert.Single(Lines("dotnet_process_memory_working_set_bytes"));
        Assert.Contains(Lines("dotnet_gc_collections_total"), static line => line.Contains("gc_heap_generation=\"gen0\"", StringComparison.Ordinal));
    }

    private sealed class OwnMeters : IMeterFactory
    {
        private readonly List<Meter> made = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            made.Add(new Meter(options));
            return made[^1];
        }

        public void Dispose() => made.ForEach(static meter => meter.Dispose());
    }
}

using System.Diagnostics.Metrics;

namespace Commune.Server.Metrics;

/// <summary>
/// Gathers the figures of this node: our own, the requests that the web server timed, and those of the runtime. Each value costs a look into a table
/// and no allocation.
/// </summary>
internal sealed class MetricsReader : IDisposable
{
    private static readonly double[] Seconds = [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10];
    private static readonly string[] OfRequests = ["http.request.method", "http.route", "http.response.status_code"];

    private readonly IMeterFactory meters;
    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private readonly List<MetricFamily> families = [];

    /// <param name="meters">Of this host: another program in the same process is not counted.</param>
    public MetricsReader(IMeterFactory meters)
    {
        this.meters = meters;
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (FamilyOf(instrument) is not { } family)
                return;
            lock (gate)
                families.Add(family);
            self.EnableMeasurementEvents(instrument, family);
        };
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        listener.Start();
    }

    /// <summary>The figures as of now, by name.</summary>
    public IReadOnlyList<MetricFamily> Read()
    {
        lock (gate)
        {
            foreach (var family in families)
                family.Forget();
            listener.RecordObservableInstruments();
            return [.. families.OrderBy(static family => family.Name, StringComparer.Ordinal)];
        }
    }

    public void Dispose() => listener.Dispose();

    private MetricFamily? FamilyOf(Instrument instrument)
    {
        switch (instrument.Meter.Name)
        {
            case Traffic.MeterName when ReferenceEquals(instrument.Meter.Scope, meters):
                return Family(instrument, null);
            case "Microsoft.AspNetCore.Hosting" when instrument.Name == "http.server.request.duration" && ReferenceEquals(instrument.Meter.Scope, meters):
                return Family(instrument, OfRequests);
            case "System.Runtime" when instrument.IsObservable:
                return Family(instrument, null);
            default:
                return null;
        }
    }

    private static MetricFamily Family(Instrument instrument, string[]? labels)
    {
        var kind = instrument.GetType().Name;
        var type = kind.Contains("Histogram", StringComparison.Ordinal) ? MetricType.Histogram
            : kind.Contains("UpDown", StringComparison.Ordinal) || kind.Contains("Gauge", StringComparison.Ordinal) ? MetricType.Gauge : MetricType.Counter;
        return new MetricFamily(
            PrometheusText.NameOf(instrument.Name, instrument.Unit, type), instrument.Description ?? "", type, instrument.IsObservable, labels,
            type == MetricType.Histogram ? Seconds : null);
    }
}

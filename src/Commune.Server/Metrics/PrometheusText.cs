using System.Globalization;
using System.Text;

namespace Commune.Server.Metrics;

/// <summary>Writes figures in the text format of Prometheus, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IReadOnlyList<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
            Write(text, family);
        return text.ToString();
    }

    /// <summary>Dots are not allowed; the unit stands in the name, and <c>_total</c> behind what only grows.</summary>
    public static string NameOf(string instrument, string? unit, MetricType type) =>
        instrument.Replace('.', '_') + unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        } + (type == MetricType.Counter ? "_total" : "");

    private static void Write(StringBuilder text, MetricFamily family)
    {
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(OneLine(family.Help)).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Type switch
        {
            MetricType.Counter => "counter",
            MetricType.Gauge => "gauge",
            _ => "histogram",
        }).Append('\n');
        foreach (var (values, series) in family.Series)
        {
            var labels = LabelsOf(family, values);
            var (sum, counts) = series.Read();
            if (family.Type == MetricType.Histogram)
                WriteBuckets(text, family, labels, sum, counts);
            else
                WriteSample(text, family.Name, labels, sum);
        }
    }

    /// <summary>Each bucket counts those below it too.</summary>
    private static void WriteBuckets(StringBuilder text, MetricFamily family, string labels, double sum, long[] counts)
    {
        var all = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            all += counts[i];
            var bound = i < family.Bounds.Count ? Number(family.Bounds[i]) : "+Inf";
            WriteSample(text, family.Name + "_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", all);
        }
        WriteSample(text, family.Name + "_sum", labels, sum);
        WriteSample(text, family.Name + "_count", labels, all);
    }

    private static void WriteSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string LabelsOf(MetricFamily family, LabelValues values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < family.Labels.Count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(family.Labels[i].Replace('.', '_')).Append("=\"")
                .Append(Escape(Convert.ToString(values[i], CultureInfo.InvariantCulture) ?? "")).Append('"');
        }
        return text.ToString();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string OneLine(string text) => text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    private static string Escape(string text) => OneLine(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}

// Prometheus' text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/

using System.Globalization;
using System.Text;

namespace GridTokenX.Protocol.Metrics;

public enum MetricKind
{
    None = 0,
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One line: a value at this moment.</summary>
/// <param name="Family">The metric's name, with its unit last.</param>
/// <param name="Help">One line.</param>
/// <param name="Labels">Names and values; none is fine.</param>
/// <param name="Suffix">Of a histogram: <c>_bucket</c>, <c>_sum</c> or <c>_count</c>.</param>
public sealed record MetricLine(
    string Family,
    string Help,
    MetricKind Kind,
    double Value,
    IReadOnlyList<(string Name, string Value)> Labels,
    string Suffix = "");

public static class MetricText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The lines of a family stand together, in the order given.</summary>
    public static string Write(IEnumerable<MetricLine> lines)
    {
        var text = new StringBuilder();
        foreach (var family in lines.GroupBy(static line => line.Family, StringComparer.Ordinal))
        {
            var first = family.First();
            _ = text.Append(CultureInfo.InvariantCulture, $"# HELP {first.Family} {EscapedHelp(first.Help)}\n")
                .Append(CultureInfo.InvariantCulture, $"# TYPE {first.Family} {NameOf(first.Kind)}\n");
            foreach (var line in family)
            {
                _ = text.Append(line.Family).Append(line.Suffix);
                AppendLabels(text, line.Labels);
                _ = text.Append(CultureInfo.InvariantCulture, $" {line.Value:R}\n");
            }
        }

        return text.ToString();
    }

    private static void AppendLabels(StringBuilder text, IReadOnlyList<(string Name, string Value)> labels)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            _ = text.Append(i == 0 ? '{' : ',').Append(labels[i].Name)
                .Append("=\"").Append(Escaped(labels[i].Value)).Append('"');
        }

        _ = labels.Count > 0 ? text.Append('}') : text;
    }

    private static string NameOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        MetricKind.Histogram => "histogram",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No kind."),
    };

    private static string EscapedHelp(string help) =>
        help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}

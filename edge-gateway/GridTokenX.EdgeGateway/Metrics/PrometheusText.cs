using System.Globalization;
using System.Text;

namespace GridTokenX.EdgeGateway.Metrics;

/// <summary>Prometheus' text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/</summary>
internal sealed class PrometheusText(GatewayMetrics metrics)
{
    internal string Write()
    {
        var text = new StringBuilder();
        foreach (var family in metrics.Samples().GroupBy(static sample => sample.Name))
        {
            var first = family.First();
            _ = text.Append(CultureInfo.InvariantCulture, $"# HELP {first.Name} {first.Help}\n")
                .Append(CultureInfo.InvariantCulture, $"# TYPE {first.Name} ")
                .Append(first.IsCounter ? "counter\n" : "gauge\n");
            foreach (var sample in family)
            {
                var label = sample.Label is { } found ? $"{{{found.Name}=\"{Escaped(found.Value)}\"}}" : string.Empty;
                _ = text.Append(CultureInfo.InvariantCulture, $"{sample.Name}{label} {sample.Value:R}\n");
            }
        }

        return text.ToString();
    }

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}

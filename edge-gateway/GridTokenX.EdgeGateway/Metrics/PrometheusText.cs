using GridTokenX.Protocol.Metrics;

namespace GridTokenX.EdgeGateway.Metrics;

/// <summary>The samples in Prometheus' text format.</summary>
internal sealed class PrometheusText(GatewayMetrics metrics)
{
    internal string Write() => MetricText.Write(metrics.Samples().Select(static sample => new MetricLine(
        sample.Name,
        sample.Help,
        sample.IsCounter ? MetricKind.Counter : MetricKind.Gauge,
        sample.Value,
        sample.Label is { } label ? [label] : [])));
}

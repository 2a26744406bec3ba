using GridTokenX.EdgeGateway.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace GridTokenX.EdgeGateway.Metrics;

/// <summary>Sends the metrics by OTLP over HTTP, when an address is configured.</summary>
internal sealed class MetricsExport(GatewayOptions options, GatewayMetrics metrics) : IHostedService, IDisposable
{
    private const int FlushLimitMs = 10000;

    private MeterProvider? _provider;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.OtlpEndpoint is { } endpoint)
        {
            _provider = Sdk.CreateMeterProviderBuilder()
                .AddMeter(GatewayMetrics.MeterName)
                .AddView(metrics.StreamOf)
                .AddOtlpExporter(exporter =>
                {
                    exporter.Endpoint = new Uri(endpoint, "/v1/metrics");
                    exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                })
                .Build();
        }

        return Task.CompletedTask;
    }

    /// <summary>Sends what is left.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _ = _provider?.ForceFlush(FlushLimitMs);
        return Task.CompletedTask;
    }

    public void Dispose() => _provider?.Dispose();
}

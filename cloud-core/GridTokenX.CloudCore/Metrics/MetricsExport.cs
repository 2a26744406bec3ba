using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace GridTokenX.CloudCore.Metrics;

/// <summary>Section <c>Metrics</c>.</summary>
public sealed record MetricsOptions
{
    /// <summary>Where metrics are sent by OTLP over HTTP; null for nowhere.</summary>
    public Uri? OtlpEndpoint { get; init; }

    internal static IEnumerable<string> Faults(MetricsOptions options)
    {
        if (options.OtlpEndpoint is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https")))
        {
            yield return $"{nameof(OtlpEndpoint)} is {url}; it is an http or https address.";
        }
    }
}

/// <summary>Sends the metrics by OTLP over HTTP, when an address is configured.</summary>
internal sealed class MetricsExport(MetricsOptions options) : IHostedService, IDisposable
{
    private const int LastWordsMs = 2000;

    private MeterProvider? _provider;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.OtlpEndpoint is { } endpoint)
        {
            _provider = Sdk.CreateMeterProviderBuilder()
                .AddMeter(CloudMetrics.MeterName, "Npgsql", "Microsoft.AspNetCore.Hosting")
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
        _ = _provider?.ForceFlush(LastWordsMs);
        return Task.CompletedTask;
    }

    public void Dispose() => _provider?.Dispose();
}

using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace GridTokenX.CloudCore.Metrics;

/// <summary>Section <c>Metrics</c>.</summary>
public sealed record MetricsOptions
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MostInterval = TimeSpan.FromDays(7);

    /// <summary>Where metrics are sent by OTLP over HTTP; null for nowhere.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>How often books and chain are compared for <c>gtx_reconciliation_differences</c>; zero for never.
    /// </summary>
    public TimeSpan ReconciliationInterval { get; init; } = TimeSpan.FromHours(1);

    internal static IEnumerable<string> Faults(MetricsOptions options)
    {
        if (options.OtlpEndpoint is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https")))
        {
            yield return $"{nameof(OtlpEndpoint)} is {url}; it is an http or https address.";
        }

        if (options.ReconciliationInterval != TimeSpan.Zero
            && (options.ReconciliationInterval < LeastInterval || options.ReconciliationInterval > MostInterval))
        {
            yield return $"{nameof(ReconciliationInterval)} is {options.ReconciliationInterval}; it is 0, or goes from "
                + $"{LeastInterval} to {MostInterval}.";
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

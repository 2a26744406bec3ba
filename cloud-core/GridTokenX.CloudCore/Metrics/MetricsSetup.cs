using System.Diagnostics.Metrics;
using System.Net;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Metrics;

namespace GridTokenX.CloudCore.Metrics;

internal static class MetricsSetup
{
    internal static void AddCloudMetrics(this IServiceCollection services, IConfiguration configuration) => _ = services
        .AddSingleton(configuration.Load<MetricsOptions>("Metrics", MetricsOptions.Faults))
        .AddSingleton<CloudMetrics>()
        .AddSingleton<MetricStore>()
        .AddSingleton<DatabaseGauges>()
        .AddSingleton<Func<CancellationToken, Task<ReconciliationReport>>>(
            static provider => cancellation => provider.GetRequiredService<Reconciler>().RunAsync(cancellation))
        .AddSingleton<ReconciliationWatch>()
        .AddHostedService(static provider => provider.GetRequiredService<ReconciliationWatch>())
        .AddSingleton(static provider => new HealthGauges(
            provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<ChainHealth>(),
            provider.GetRequiredService<ReconciliationWatch>(),
            provider.GetService<WorkerHealth>()))
        .AddHostedService(static provider => provider.GetRequiredService<DatabaseGauges>())
        .AddHostedService<MetricsExport>();

    /// <summary>
    /// <c>/metrics</c>, for a Prometheus on this machine, which signs nothing; and the same for the operator's key from
    /// anywhere.
    /// </summary>
    internal static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        // It counts from here on.
        var store = routes.ServiceProvider.GetRequiredService<MetricStore>();
        _ = routes.ServiceProvider.GetRequiredService<HealthGauges>();
        _ = routes.MapGet("/metrics", (HttpContext context) => IsFromThisMachine(context)
                ? Results.Text(store.Write(), MetricText.ContentType)
                : Problems.Of(ProblemCodes.Forbidden, "Only from this machine; else GET /api/operator/metrics."))
            .AllowPublic().WithoutDatabase().WithoutMarketTime();
        _ = routes.MapGet("/api/operator/metrics", () => Results.Text(store.Write(), MetricText.ContentType))
            .RequireOperator().WithoutDatabase().WithoutMarketTime();
    }

    /// <summary>A proxy on this machine brings others' requests, and says so.</summary>
    private static bool IsFromThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } caller
        && IPAddress.IsLoopback(caller)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For")
        && !context.Request.Headers.ContainsKey("Forwarded");
}

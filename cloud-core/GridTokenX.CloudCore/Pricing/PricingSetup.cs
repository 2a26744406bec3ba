using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Pricing;

internal static class PricingSetup
{
    internal static void AddPricing(this IServiceCollection services, IConfiguration configuration) => _ = services
        .AddSingleton(new MarketRules(configuration.Load<MarketOptions>("Market", MarketOptions.Faults)))
        .AddSingleton<MarketDataQuery>()
        .AddSingleton(CreateMarketData)
        .AddSingleton<IMarketWorker, PriceWorker>();

    /// <summary>In a simulation nothing hangs on how much real time has passed.</summary>
    private static RememberedMarketData CreateMarketData(IServiceProvider services) => new(
        services.GetRequiredService<MarketDataQuery>(),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<WallTime>(),
        services.GetRequiredService<SimulationOptions>().Enabled ? TimeSpan.Zero : RememberedMarketData.Lifetime);

    internal static void MapPricing(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/api/market/data", MarketDataEndpoints.DataAsync).AllowPublic();
        _ = routes.MapGet("/api/market/history", MarketDataEndpoints.HistoryAsync).AllowPublic();
    }
}

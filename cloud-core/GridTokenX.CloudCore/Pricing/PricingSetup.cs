using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Simulation;

namespace GridTokenX.CloudCore.Pricing;

internal static class PricingSetup
{
    internal static void AddPricing(this IServiceCollection services, IConfiguration configuration) => _ = services
        .AddSingleton(new MarketRules(configuration.Load<MarketOptions>("Market", MarketOptions.Faults)))
        .AddSingleton<MarketDataQuery>()
        .AddSingleton<IMarketWorker, PriceWorker>();

    internal static void MapPricing(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/api/market/data", MarketDataEndpoints.DataAsync).AllowPublic();
        _ = routes.MapGet("/api/market/history", MarketDataEndpoints.HistoryAsync).AllowPublic();
    }
}

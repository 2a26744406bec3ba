using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Simulation;

namespace GridTokenX.CloudCore.Clearing;

internal static class ClearingSetup
{
    internal static void AddClearing(this IServiceCollection services) => _ = services
        .AddSingleton<IMarketWorker, AuctionWorker>()
        .AddSingleton<IMarketWorker, ClearingWorker>()
        .AddSingleton<IMarketWorker, MeteringWorker>()
        .AddSingleton<SettlementNumbers>()
        .AddSingleton<ISendingCondition>(static provider => provider.GetRequiredService<SettlementNumbers>())
        .AddSingleton<IChainEffect, SettlementEffect>();

    internal static void MapClearing(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/api/market/epochs", EpochEndpoints.ListAsync).AllowPublic().WithETag();
        _ = routes.MapGet("/api/market/epochs/{number:long}", EpochEndpoints.OneAsync).AllowPublic();
    }
}

using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Simulation;

namespace GridTokenX.CloudCore.Effects;

internal static class EffectsSetup
{
    internal static void AddEffects(this IServiceCollection services) => _ = services
        .AddSingleton<EffectQueries>()
        .AddSingleton<IMarketWorker, YieldWorker>()
        .AddSingleton<IChainEffect, RetireEffect>()

        // After trading's: what a settlement of the same batch has delivered may be what was burned.
        .AddSingleton<IChainEventEffect, OwnBurns>();

    internal static void MapEffects(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/api/carbon", EffectEndpoints.CarbonAsync).RequireWallet();
        _ = routes.MapGet("/api/yields", EffectEndpoints.YieldsAsync).RequireWallet();
    }
}

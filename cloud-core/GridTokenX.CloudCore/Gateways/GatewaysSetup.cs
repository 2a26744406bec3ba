using GridTokenX.CloudCore.Api;

namespace GridTokenX.CloudCore.Gateways;

internal static class GatewaysSetup
{
    internal static void AddGateways(this IServiceCollection services) => _ = services
        .AddSingleton<IGatewayRegistry, GatewayRegistry>()
        .AddSingleton<ClaimAttempts>()
        .AddSingleton<GatewayClaims>()
        .AddSingleton<PairingProbes>()
        .AddSingleton<GatewaySummaries>();

    internal static void MapGateways(this IEndpointRouteBuilder routes)
    {
        GatewayRegistration.Map(routes);
        ClaimEndpoints.Map(routes);
        PairingEndpoints.Map(routes);
        GatewayEndpoints.Map(routes);
    }
}

using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Simulation;

namespace GridTokenX.CloudCore.CrossZone;

internal static class CrossZoneSetup
{
    internal static void AddCrossZone(this IServiceCollection services) => _ = services
        .AddSingleton<IMarketWorker, CrossZoneWorker>()
        .AddSingleton<LinkQuery>();

    internal static void MapCrossZone(this IEndpointRouteBuilder routes) => _ = routes.MapGet(
        "/api/operator/links",
        static async (LinkQuery links, CancellationToken cancellationToken) =>
            Results.Ok(await links.ReadAsync(cancellationToken))).RequireOperator();
}

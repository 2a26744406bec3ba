using GridTokenX.CloudCore.Simulation;

namespace GridTokenX.CloudCore.CrossZone;

internal static class CrossZoneSetup
{
    internal static void AddCrossZone(this IServiceCollection services) =>
        _ = services.AddSingleton<IMarketWorker, CrossZoneWorker>();
}

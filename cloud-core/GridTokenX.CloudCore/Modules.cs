using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Ingest;
using GridTokenX.CloudCore.Registration;

namespace GridTokenX.CloudCore;

/// <summary>The parts of cloud core, in the order in which energy passes through them.</summary>
internal static class Modules
{
    internal static void AddModules(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddRegistration();
        services.AddIngest(configuration);
        services.AddChain(configuration);
    }

    internal static void MapModules(this IEndpointRouteBuilder routes)
    {
        routes.MapRegistration();
        routes.MapIngest();
        routes.MapChain();
    }
}

using GridTokenX.CloudCore.Api;

namespace GridTokenX.CloudCore.Registration;

internal static class RegistrationSetup
{
    internal static void AddRegistration(this IServiceCollection services) => _ = services
        .AddSingleton<IGatewayRegistry, GatewayRegistry>()
        .AddSingleton<ICommandKeys, CommandKeys>();

    internal static void MapRegistration(this IEndpointRouteBuilder routes)
    {
        Users.Map(routes);
        Gateways.Map(routes);
        Meters.Map(routes);
    }
}

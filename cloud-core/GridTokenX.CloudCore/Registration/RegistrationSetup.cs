using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;

namespace GridTokenX.CloudCore.Registration;

internal static class RegistrationSetup
{
    internal static void AddRegistration(this IServiceCollection services) => _ = services
        .AddSingleton<IGatewayRegistry, GatewayRegistry>()
        .AddSingleton<CommandKeys>()
        .AddSingleton<ICommandKeys>(static provider => provider.GetRequiredService<CommandKeys>())
        .AddSingleton<IPairings>(static provider => provider.GetRequiredService<CommandKeys>())
        .AddSingleton<RegistrationEffect>()
        .AddSingleton<IChainEffect>(static provider => provider.GetRequiredService<RegistrationEffect>())
        .AddSingleton<IChainEventEffect>(static provider => provider.GetRequiredService<RegistrationEffect>());

    internal static void MapRegistration(this IEndpointRouteBuilder routes)
    {
        Users.Map(routes);
        Gateways.Map(routes);
        Meters.Map(routes);
    }
}

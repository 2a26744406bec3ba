using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Simulation;

namespace GridTokenX.CloudCore.Registration;

internal static class RegistrationSetup
{
    internal static void AddRegistration(this IServiceCollection services) => _ = services
        .AddSingleton<CommandKeys>()
        .AddSingleton<ICommandKeys>(static provider => provider.GetRequiredService<CommandKeys>())
        .AddSingleton<IPairings>(static provider => provider.GetRequiredService<CommandKeys>())
        .AddSingleton<RegistrationEvents>()
        .AddSingleton<MeterEnrolment>()
        .AddSingleton<MeterRevocation>()
        .AddSingleton<IMarketWorker, DeactivationWorker>()
        .AddSingleton<RegistrationEffect>()
        .AddSingleton<IChainEffect>(static provider => provider.GetRequiredService<RegistrationEffect>())
        .AddSingleton<IChainEventEffect>(static provider => provider.GetRequiredService<RegistrationEffect>());

    internal static void MapRegistration(this IEndpointRouteBuilder routes)
    {
        Users.Map(routes);
        Meters.Map(routes);
        MeterRevocation.Map(routes);
    }
}

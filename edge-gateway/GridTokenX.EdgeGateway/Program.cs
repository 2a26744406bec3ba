using GridTokenX.EdgeGateway.CommandLine;
using GridTokenX.EdgeGateway.Hosting;

try
{
#pragma warning disable RS0030 // The one place that hands out the real clock.
    var system = TimeProvider.System;
#pragma warning restore RS0030
    if (args.Length > 0 && GatewayCommands.Names.Contains(args[0]))
    {
        return await GatewayCommands.RunAsync(args, system, Console.Out);
    }

    await using var application = GatewayApplication.Build(args, system);
    await application.RunAsync();
    return 0;
}
catch (InvalidConfigurationException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 78; // EX_CONFIG of sysexits.h: starting again does not help
}

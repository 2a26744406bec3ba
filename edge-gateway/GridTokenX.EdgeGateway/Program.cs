using GridTokenX.EdgeGateway;
using GridTokenX.EdgeGateway.Hosting;

try
{
    if (args is ["identity", .. var settings])
    {
        Console.WriteLine(Identity.PublicKey(settings));
        return 0;
    }

#pragma warning disable RS0030 // The one place that hands out the real clock.
    await using var application = GatewayApplication.Build(args, TimeProvider.System);
#pragma warning restore RS0030
    await application.RunAsync();
    return 0;
}
catch (InvalidConfigurationException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 78; // EX_CONFIG of sysexits.h: starting again does not help
}

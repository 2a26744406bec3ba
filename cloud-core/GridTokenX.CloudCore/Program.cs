using GridTokenX.CloudCore;
using Microsoft.Extensions.Options;

try
{
#pragma warning disable RS0030 // here, and nowhere else, is the real clock handed out
    await CloudCoreHost.Build(args, TimeProvider.System).RunAsync();
#pragma warning restore RS0030
    return Environment.ExitCode;
}
catch (OptionsValidationException exception)
{
    await Console.Error.WriteLineAsync($"Configuration: {exception.Message}");
    return 78; // EX_CONFIG of sysexits.h: starting again does not help
}

using GridTokenX.CloudCore;
using Microsoft.Extensions.Options;

try
{
    await CloudCoreHost.Build(args, TimeProvider.System).RunAsync();
    return Environment.ExitCode;
}
catch (OptionsValidationException exception)
{
    await Console.Error.WriteLineAsync($"Configuration: {exception.Message}");
    return 78; // EX_CONFIG of sysexits.h: starting again does not help
}

using GridTokenX.CloudCore;
using GridTokenX.CloudCore.Storage;
using Microsoft.Extensions.Options;

try
{
#pragma warning disable RS0030 // here, and nowhere else, is the real clock handed out
    var app = CloudCoreHost.Build(args, TimeProvider.System);
#pragma warning restore RS0030
    var database = app.Services.GetRequiredService<DatabaseReadiness>();
    await app.RunAsync();
    return database.HasFailed ? 1 : 0;
}
catch (OptionsValidationException exception)
{
    await Console.Error.WriteLineAsync($"Configuration: {exception.Message}");
    return 78; // EX_CONFIG of sysexits.h: starting again does not help
}

using GridTokenX.EdgeGateway.CommandLine;
using GridTokenX.EdgeGateway.Hosting;

namespace GridTokenX.EdgeGateway;

/// <summary>
/// <c>identity</c>: tells who this gateway is, so that it can be registered; makes its key when there is none.
/// </summary>
internal static class Identity
{
    internal static string PublicKey(string[] settings)
    {
        var configuration = GatewayCommands.Configuration(settings);
        using var key = Secrets.LoadKey(GatewayOptions.ReadKeyFile(configuration));
        return key.PublicKey.ToString();
    }
}

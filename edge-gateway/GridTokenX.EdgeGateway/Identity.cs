using GridTokenX.EdgeGateway.Hosting;

namespace GridTokenX.EdgeGateway;

/// <summary>
/// <c>identity</c>: tells who this gateway is, so that it can be registered; makes its key when there is none.
/// </summary>
internal static class Identity
{
    internal static string PublicKey(string[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(settings)
            .Build();
        using var key = Secrets.LoadKey(GatewayOptions.ReadKeyFile(configuration));
        return key.PublicKey.ToString();
    }
}

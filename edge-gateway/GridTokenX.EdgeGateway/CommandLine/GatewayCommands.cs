using System.CommandLine;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Page;
using GridTokenX.Protocol.Json;
using QRCoder;

namespace GridTokenX.EdgeGateway.CommandLine;

/// <summary>
/// <c>gtx-gateway</c>: what the installer types on the gateway. Works beside the running service, over the same files
/// and its loopback address; a tool never replaces or mends a file that the service may have open.
/// </summary>
internal static class GatewayCommands
{
    internal static readonly string[] Names =
        ["identity", "status", "pair", "claim", "check", "bundle", "backup", "restore", "--help", "-h", "-?"];

    private const string SettingsFolder = "/etc/gridtokenx-gateway";
    private const int Failed = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    internal static async Task<int> RunAsync(string[] arguments, TimeProvider system, TextWriter output)
    {
        var root = new RootCommand("The GridTokenX gateway: keeps a home's readings and brings them to the cloud.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        var file = new Argument<string>("file") { Description = "Where to, or where from." };
        Add(root, "identity", "Prints this gateway's public key; makes the key when there is none.", parse =>
            Task.FromResult(Print(output, Identity.PublicKey(SettingsOf(parse)))));
        Add(root, "status", "Prints how the running gateway is.", parse => StatusAsync(SettingsOf(parse), output));
        Add(root, "pair", "Prints the address of the gateway's page, as text and as a QR code.", parse =>
            Task.FromResult(Print(output, PageAddresses(Configuration(SettingsOf(parse))))));
        Add(
            root,
            "claim",
            "With an owner's code (claim GTX-… --pin 493817) claims the gateway for him; without one makes a code that "
            + "sets the PIN of the page, good for 15 minutes and once.",
            parse => ClaimCommand.RunAsync(SettingsOf(parse), system, output));
        Add(root, "check", "Looks at everything the gateway needs; one line each, with what to do.", parse =>
            new Checks(Configuration(SettingsOf(parse)), system, output).RunAsync());
        Add(root, "bundle", "Writes what support needs, without secrets.", parse =>
            BundleAsync(SettingsOf(parse), system, parse.GetValue(file)!, output), file);
        Add(root, "backup", "Writes key and buffer into one file. It holds the key: keep it locked away.", parse =>
            Task.FromResult(Backup.Write(OptionsOf(SettingsOf(parse)), system, parse.GetValue(file)!, output)), file);
        Add(root, "restore", "Takes key and buffer from such a file; the service must be stopped.", parse =>
            RestoreAsync(SettingsOf(parse), system, parse.GetValue(file)!, output), file);
        return await root.Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output });
    }

    internal static IConfigurationRoot Configuration(string[] settings)
    {
        var here = Directory.GetCurrentDirectory();
        var folder = File.Exists(Path.Combine(here, "appsettings.json")) ? here : SettingsFolder;
        return new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(folder, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(settings)
            .Build();
    }

    /// <summary>The page's address on this machine.</summary>
    internal static Uri Local(IConfiguration configuration)
    {
        var first = (configuration["urls"] ?? "http://127.0.0.1:5000").Split(';')[0];
        var anywhere = first.Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://+", "://127.0.0.1", StringComparison.Ordinal);
        return new Uri(anywhere);
    }

    /// <summary>Null when nothing answers there.</summary>
    internal static async Task<string?> GetAsync(Uri address)
    {
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            return await http.GetStringAsync(address);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    private static void Add(
        RootCommand root,
        string name,
        string what,
        Func<ParseResult, Task<int>> action,
        Argument<string>? argument = null)
    {
        var command = new Command(name, what) { TreatUnmatchedTokensAsErrors = false };
        if (argument is not null)
        {
            command.Add(argument);
        }

        command.SetAction((parse, _) => action(parse));
        root.Add(command);
    }

    private static string[] SettingsOf(ParseResult parse) => [.. parse.UnmatchedTokens];

    private static GatewayOptions OptionsOf(string[] settings) => GatewayOptions.Read(Configuration(settings));

    private static int Print(TextWriter output, string text)
    {
        output.WriteLine(text);
        return 0;
    }

    private static async Task<int> StatusAsync(string[] settings, TextWriter output)
    {
        var address = Local(Configuration(settings));
        if (await GetAsync(new Uri(address, "/status")) is not { } answer)
        {
            await output.WriteLineAsync($"The gateway does not answer at {address}. Look at: gtx-gateway check");
            return Failed;
        }

        var status = JsonSerializer.Deserialize(answer, ProtocolJson.Default.GatewayStatus)!;
        await output.WriteLineAsync(
            $"""
            alarm         {status.Alarm ?? "none"}
            time          {status.Now?.ToString("u") ?? "not known yet"}
            backlog       {status.Backlog} readings
            refused       {status.Quarantined} readings
            devices       {status.Devices}
            home broker   {(status.HomeBroker ? "connected" : "away")}
            cloud         {(status.CloudReachable ? "connected" : "away")}
            cloud broker  {(status.CloudBroker ? "connected" : "away")}
            """);
        return status.Alarm is null ? 0 : Failed;
    }

    internal static string PageAddresses(IConfiguration configuration)
    {
        var port = Local(configuration).Port;
        var named = Page($"{Environment.MachineName.ToLowerInvariant()}.local", port);
        var addresses = NetworkInterface.GetAllNetworkInterfaces()
            .Where(static card => card.OperationalStatus == OperationalStatus.Up)
            .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
            .Where(static address => address.Address.AddressFamily == AddressFamily.InterNetwork
                && !System.Net.IPAddress.IsLoopback(address.Address))
            .Select(address => Page(address.Address.ToString(), port));
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(named, QRCodeGenerator.ECCLevel.M);
        using var picture = new AsciiQRCode(data);
        return string.Join('\n', ["Open this page on a phone in the same network:", named, .. addresses])
            + $"\n\n{picture.GetGraphicSmall()}";
    }

    private static string Page(string host, int port) => new UriBuilder(Uri.UriSchemeHttp, host, port).ToString();

    private static async Task<int> BundleAsync(string[] settings, TimeProvider system, string file, TextWriter output)
    {
        // Built of the same parts as the service, none of them started.
        await using var application = GatewayApplication.Build(settings, system, isTool: true);
        var bytes = application.Services.GetRequiredService<SupportBundle>().Build();
        await File.WriteAllBytesAsync(file, bytes);
        await output.WriteLineAsync($"{file}: {bytes.Length} bytes, without keys and passwords.");
        return 0;
    }

    private static async Task<int> RestoreAsync(string[] settings, TimeProvider system, string file, TextWriter output)
    {
        if (await GetAsync(new Uri(Local(Configuration(settings)), "/health")) is not null)
        {
            await output.WriteLineAsync("The gateway runs: stop it first (systemctl stop gridtokenx-gateway).");
            return Failed;
        }

        return Backup.Restore(OptionsOf(settings), system, file, output);
    }
}

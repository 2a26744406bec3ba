using System.Net;
using System.Text;
using GridTokenX.Mqtt;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>What the gateway is told; read once at the start, every fault named.</summary>
public sealed record GatewayOptions
{
    public const long DefaultMaxDatabaseBytes = 2L * 1024 * 1024 * 1024;
    public const long LeastMaxDatabaseBytes = 1024 * 1024;

    public required string KeyFile { get; init; }

    public required string Database { get; init; }

    public required Uri CloudUrl { get; init; }

    public required BrokerOptions HomeBroker { get; init; }

    public required BrokerOptions CloudBroker { get; init; }

    /// <summary>Bound of the database's content; the write-ahead log may add some 8 MiB on disk.</summary>
    public required long MaxDatabaseBytes { get; init; }

    /// <summary>A batch that is not full waits this long for more; nothing waits in a simulation.</summary>
    public required TimeSpan BatchWindow { get; init; }

    /// <summary>After a long outage, and at a start with a backlog, the first rush waits at most this long.</summary>
    public required TimeSpan ReturnSpread { get; init; }

    /// <summary>
    /// A reading waits at most this long for an older one of its device that it has overtaken; a device repeats itself
    /// after 5 minutes at the latest.
    /// </summary>
    public required TimeSpan GapPatience { get; init; }

    /// <summary>Where Linux's interfaces are looked for.</summary>
    public required string SystemRoot { get; init; }

    /// <summary>The LED that shows the gateway's condition, as <c>/sys/class/leds</c> names it.</summary>
    public required string StatusLed { get; init; }

    /// <summary>Where the keys of the devices go that may use the home's broker; null for nowhere.</summary>
    public string? BrokerDevicesFile { get; init; }

    /// <summary>systemd's, from its environment variable of this name; null without systemd.</summary>
    public string? NotifySocket { get; init; }

    /// <summary>Where metrics are sent by OTLP; null for nowhere.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Market time is set over HTTP instead of read from the clock.</summary>
    public required bool IsSimulation { get; init; }

    /// <summary>Market time of a simulation until it is set for the first time; null leaves it unknown.</summary>
    public DateTimeOffset? SimulationStart { get; init; }

    /// <exception cref="InvalidConfigurationException">Names every key that is missing or wrong.</exception>
    public static GatewayOptions Read(IConfiguration configuration)
    {
        var form = new ConfigurationForm(configuration);
        var isSimulation = form.Flag("Simulation:Enabled");
        var options = new GatewayOptions
        {
            KeyFile = KeyFileOf(form),
            Database = form.Text("Gateway:Database", InDataFolder(form, "gateway.db")),
            CloudUrl = CloudUrlOf(form),
            HomeBroker = BrokerOptions.Read(form, "Gateway:HomeBroker", overInternet: false),
            CloudBroker = BrokerOptions.Read(form, "Gateway:CloudBroker", overInternet: true),
            MaxDatabaseBytes = form.Number(
                "Gateway:MaxDatabaseBytes", DefaultMaxDatabaseBytes, LeastMaxDatabaseBytes, long.MaxValue),
            BatchWindow = TimeSpan.FromMilliseconds(
                form.Number("Gateway:BatchWindowMs", isSimulation ? 0 : 500, 0, 60_000)),
            ReturnSpread = TimeSpan.FromSeconds(
                form.Number("Gateway:ReturnSpreadSeconds", isSimulation ? 0 : 60, 0, 3600)),
            GapPatience = TimeSpan.FromSeconds(
                form.Number("Gateway:GapPatienceSeconds", isSimulation ? 10 : 600, 0, 3600)),
            SystemRoot = form.Text("Gateway:SystemRoot", "/"),
            StatusLed = form.Text("Gateway:StatusLed", "ACT"),
            BrokerDevicesFile = form.OptionalText("Gateway:BrokerDevicesFile")
                ?? InDataFolder(form, "broker-devices"),
            NotifySocket = form.OptionalText("NOTIFY_SOCKET"),
            OtlpEndpoint = OtlpEndpointOf(form),
            IsSimulation = isSimulation,
            SimulationStart = form.Time("Simulation:Start"),
        };
        form.RefuseUnknown("Gateway", "Simulation");
        form.ThrowWhenFaulty();
        return options;
    }

    /// <exception cref="InvalidConfigurationException">The key file is not named.</exception>
    public static string ReadKeyFile(IConfiguration configuration)
    {
        var form = new ConfigurationForm(configuration);
        var path = KeyFileOf(form);
        form.ThrowWhenFaulty();
        return path;
    }

    internal static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static string KeyFileOf(ConfigurationForm form) =>
        form.Text("Gateway:KeyFile", InDataFolder(form, "gateway.key"));

    private static string? InDataFolder(ConfigurationForm form, string name) =>
        form.OptionalText("Gateway:DataFolder") is { } folder ? Path.Combine(folder, name) : null;

    private static bool IsCloudUrl(Uri url) =>
        url.Scheme switch
        {
            "https" => true,
            "http" => IsLoopback(url.Host),
            _ => false,
        } && url.PathAndQuery.Length == 1;

    private static Uri? OtlpEndpointOf(ConfigurationForm form)
    {
        const string Key = "Gateway:OtlpEndpoint";
        if (form.OptionalText(Key) is not { } text)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            form.Fault(Key, "must be http://host:port or https://host:port");
        }

        return url;
    }

    private static Uri CloudUrlOf(ConfigurationForm form)
    {
        const string Key = "Gateway:CloudUrl";
        if (!Uri.TryCreate(form.Text(Key, null), UriKind.Absolute, out var url) || !IsCloudUrl(url))
        {
            form.Fault(Key, "must be https://host[:port]; http only for a loopback address");
        }

        return url!;
    }
}

/// <summary>How to reach one of the two brokers.</summary>
public sealed record BrokerOptions(
    string Host, int Port, string? UserName, string? PasswordFile, string? TlsAuthorityFile)
{
    /// <summary>The longest path of a local socket (unix(7)).</summary>
    private const int MaxSocketBytes = 107;

    /// <summary>For people.</summary>
    internal string Address => MqttOptions.AddressOf(Host, Port);

    internal static BrokerOptions Read(ConfigurationForm form, string section, bool overInternet)
    {
        var host = form.Text($"{section}:Host", "127.0.0.1");
        var isLocal = MqttOptions.IsLocal(host);
        var broker = new BrokerOptions(
            host,
            (int)form.Number($"{section}:Port", overInternet && !isLocal ? null : 1883, 1, ushort.MaxValue),
            form.OptionalText($"{section}:UserName"),
            form.OptionalText($"{section}:PasswordFile"),
            form.OptionalText($"{section}:TlsAuthorityFile"));
        if (isLocal && Encoding.UTF8.GetByteCount(host) > MaxSocketBytes)
        {
            form.Fault($"{section}:Host", $"is the path of a local socket, and longer than {MaxSocketBytes} bytes");
        }

        if (isLocal && broker.TlsAuthorityFile is not null)
        {
            form.Fault($"{section}:TlsAuthorityFile", "does not go with a local socket");
        }

        if (overInternet && broker.TlsAuthorityFile is null && !isLocal && !GatewayOptions.IsLoopback(host))
        {
            form.Fault($"{section}:TlsAuthorityFile", "is needed, because the broker is not on a loopback address");
        }

        return broker;
    }
}

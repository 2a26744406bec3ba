using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Cloud;
using GridTokenX.Simulator.Commands;
using GridTokenX.Simulator.Live;
using Spectre.Console;

namespace GridTokenX.Simulator.Simulate;

/// <summary>The options of <c>simulate --mode live</c>, and the run that they ask for.</summary>
internal sealed class LiveCommand(WallTime time, IAnsiConsole console, string? brokerPassword)
{
    private const int Done = 0;
    private const int NotTaken = 1;
    private const int Interrupted = 130;

    private readonly Option<Uri?> _cloud = AddressOption.Create("--cloud", "live: address of the cloud core.");

    private readonly Option<int> _meters = NumberOption.Create(
        "--meters", "live: how many.", 1, 1, LiveOptions.MaxMeters);

    private readonly Option<string> _zone = new("--zone")
    {
        Description = "live: the meters' zone.",
        DefaultValueFactory = static _ => Homes.Neighbourhood.OnlyZone,
    };

    private readonly Option<string> _homeTime = new("--time-zone")
    {
        Description = "live: of the homes' clocks, as Asia/Bangkok: when they eat and the sun shines on their roofs.",
        DefaultValueFactory = static _ => "UTC",
    };

    private readonly Option<int> _interval = NumberOption.Create(
        "--interval", "live: seconds from one reading to the next.", Profiles.Quarter.Seconds, 1, 86_400);

    private readonly Option<int> _minutes = NumberOption.Create(
        "--minutes", "live: how long; 0 until Ctrl-C.", 0, 0, 1_000_000);

    private readonly Option<int> _rate = NumberOption.Create(
        "--rate", "live: the most requests a second.", 5, 1, 1_000);

    private readonly LiveBrokerOptions _broker = new(brokerPassword);

    private readonly Option<string?> _gatewayKey = new("--gateway-key")
    {
        Description = "live: public key of the gateway at that broker.",
    };

    private readonly Option<string?> _operatorKey = new("--operator-key")
    {
        Description = "live: key file of the operator, who lets the simulator's own gateway in; needed once, for HTTP.",
    };

    private readonly Option<string> _keys = new("--keys")
    {
        Description = "live: file that the meters' keys come from; made when there is none.",
        DefaultValueFactory = static _ => Path.Combine(".gridtokenx", "simulations", "live.json"),
    };

    private readonly Option<bool> _listKeys = new("--list-keys")
    {
        Description = "live: prints the meters' public keys, their users at a gateway's broker, and ends.",
    };

    public IEnumerable<Option> Options =>
    [
        _cloud, _meters, _zone, _homeTime, _interval, _minutes, _rate, .. _broker.All, _gatewayKey, _operatorKey, _keys,
        _listKeys,
    ];

    /// <exception cref="FormatException">The options do not fit together.</exception>
    /// <exception cref="ApiException">The cloud core does not let the meters in.</exception>
    /// <exception cref="UplinkAwayException">The broker does not.</exception>
    public async Task<int> RunAsync(ParseResult parsed, long seed, string? folder, CancellationToken cancellationToken)
    {
        using var keys = LiveKeys.LoadOrCreate(parsed.GetRequiredValue(_keys));
        if (parsed.GetValue(_listKeys))
        {
            var listed = string.Join('\n', DevicesOf(parsed, keys));
            await parsed.InvocationConfiguration.Output.WriteLineAsync(listed);
            return Done;
        }

        var options = OptionsOf(parsed, seed);
        var address = parsed.GetValue(_cloud)
            ?? throw new FormatException("--cloud is needed: where is the cloud core?");
        var broker = _broker.Read(parsed);
        using var transport = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        using var client = new ApiClient(address, transport, time);
        var gateway = broker is null ? keys.Gateway.PublicKey : GatewayOf(parsed);
        await using var uplink = await UplinkAsync(broker, client, keys, DevicesOf(parsed, keys), cancellationToken);
        var opening = new LiveOpening(new CloudApi(client), options, keys);
        if (parsed.GetValue(_operatorKey) is { } file)
        {
            using var operatorKey = SigningKey.Load(file);
            await opening.RegisterGatewayAsync(gateway, operatorKey, cancellationToken);
        }

        var meters = await opening.RegisterMetersAsync(
            gateway, done => TellEvery(done, options.Meters), cancellationToken);
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"{meters.Count} meters, a reading each {options.Interval.TotalSeconds:0} s. Ctrl-C ends, with a report.");
        try
        {
            var run = new LiveRun(options, meters, uplink, broker is null ? "http" : "mqtt", time)
            {
                Told = new LiveConsole(console, options, time).Tell,
            };
            return await TellAsync(await run.PlayAsync(cancellationToken), folder);
        }
        finally
        {
            foreach (var meter in meters)
            {
                meter.Dispose();
            }
        }
    }

    private LiveOptions OptionsOf(ParseResult parsed, long seed) => new()
    {
        Meters = parsed.GetValue(_meters),
        Seed = seed,
        Zone = parsed.GetRequiredValue(_zone),
        HomeTime = HomeTimeOf(parsed),
        Interval = TimeSpan.FromSeconds(parsed.GetValue(_interval)),
        Duration = parsed.GetValue(_minutes) is var minutes and > 0 ? TimeSpan.FromMinutes(minutes) : null,
        RequestsPerSecond = parsed.GetValue(_rate),
    };

    private TimeZoneInfo HomeTimeOf(ParseResult parsed)
    {
        var name = parsed.GetRequiredValue(_homeTime);
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            ? zone
            : throw new FormatException($"--time-zone {name}: zones are called as Asia/Bangkok is.");
    }

    private List<Key32> DevicesOf(ParseResult parsed, LiveKeys keys) =>
        [.. Enumerable.Range(1, parsed.GetValue(_meters)).Select(keys.DeviceKey)];

    private Key32 GatewayOf(ParseResult parsed) => Key32.TryParse(parsed.GetValue(_gatewayKey), out var gateway)
        ? gateway
        : throw new FormatException("--broker needs --gateway-key: whose gateway is it?");

    /// <summary>Open: whoever is not let in learns it before a meter is registered.</summary>
    private async Task<ILiveUplink> UplinkAsync(
        LiveBroker? broker,
        ApiClient client,
        LiveKeys keys,
        List<Key32> devices,
        CancellationToken cancellationToken)
    {
        if (broker is null)
        {
            return new HttpUplink(client, keys.Gateway);
        }

        var uplink = new MqttUplink(broker, devices, time);
        try
        {
            await uplink.OpenAsync(cancellationToken);
            return uplink;
        }
        catch (Exception)
        {
            await uplink.DisposeAsync();
            throw;
        }
    }

    private void TellEvery(int done, int all)
    {
        if (done % 100 == 0 || done == all)
        {
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{done} of {all} meters registered");
        }
    }

    private async Task<int> TellAsync(LiveReport report, string? folder)
    {
        var path = Path.Combine(folder ?? SimulationFolder.Standard("live"), SimulationFolder.ReportFile);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(report, LiveJson.Default.LiveReport));
        console.Write(LiveConsole.Summary(report));
        console.MarkupLineInterpolated($"report: {path}");
        if (!report.Finished)
        {
            console.MarkupLine("[yellow]Stopped before the end: the report covers what was played.[/]");
            return Interrupted;
        }

        return report.RefusedByCode.Count == 0 && report.Unanswered == 0 && report.Dropped == 0 ? Done : NotTaken;
    }
}

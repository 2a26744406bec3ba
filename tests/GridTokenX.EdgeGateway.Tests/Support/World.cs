using System.Net.Http.Json;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.EdgeGateway.Tests.Support;

/// <summary>
/// Two real brokers, a scripted cloud, devices, and a gateway that may end and begin again over the same files.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    private readonly TimeProvider _wall;
    private readonly string[] _settings;
    private WebApplication? _gateway;

    private World(TimeProvider? wall, string[] settings)
    {
        _wall = wall ?? TimeProvider.System;
        _settings = settings;
        Folder = System.IO.Directory.CreateTempSubdirectory("gridtokenx-gateway-").FullName;
        Database = Path.Combine(Folder, "gateway.db");
        _ = System.IO.Directory.CreateDirectory(Path.GetDirectoryName(TimesyncMarker)!);
        File.WriteAllText(TimesyncMarker, string.Empty);
    }

    internal string Folder { get; }

    /// <summary>What the gateway has written to its log.</summary>
    internal GatewayLog Log { get; } = new();

    /// <summary>Linux's interfaces as this gateway sees them.</summary>
    internal string SystemRoot => Path.Combine(Folder, "system");

    internal string TimesyncMarker => Path.Combine(SystemRoot, "run/systemd/timesync/synchronized");

    /// <summary>The devices that may use the home's broker.</summary>
    internal string BrokerDevices => Path.Combine(Folder, "broker-devices");

    internal string Database { get; private set; }

    internal WallTime Wall => new(_wall);

    internal MosquittoBroker HomeBroker { get; private set; } = null!;

    internal MosquittoBroker CloudBroker { get; private set; } = null!;

    internal ScriptedCloud Cloud { get; private set; } = null!;

    /// <summary>The devices' side of the home broker.</summary>
    internal Fleet Fleet { get; private set; } = null!;

    /// <summary>The cloud core's side of the cloud broker.</summary>
    internal Fleet Core { get; private set; } = null!;

    /// <summary>A device that the cloud knows.</summary>
    internal SigningKey Device { get; } = SigningKey.Generate();

    internal string DeviceName => Device.PublicKey.ToString();

    internal Refusals Refusals => _gateway!.Services.GetRequiredService<Refusals>();

    internal T Part<T>()
        where T : notnull => _gateway!.Services.GetRequiredService<T>();

    internal DeviceDirectory Directory => _gateway!.Services.GetRequiredService<DeviceDirectory>();

    internal bool IsRunning => _gateway is not null;

    internal string Url => _gateway!.Urls.Single();

    internal string[] Settings =>
    [
        "--urls", "http://127.0.0.1:0",
        "--Logging:LogLevel:Default", "Critical",
        "--Gateway:KeyFile", Path.Combine(Folder, "gateway.key"),
        "--Gateway:Database", Database,
        "--Gateway:CloudUrl", Cloud.Url.ToString(),
        "--Gateway:HomeBroker:Port", $"{HomeBroker.Port}",
        "--Gateway:CloudBroker:Port", $"{CloudBroker.Port}",
        "--Gateway:BatchWindowMs", "0",
        "--Gateway:ReturnSpreadSeconds", "0",
        "--Gateway:SystemRoot", SystemRoot,
        "--Gateway:BrokerDevicesFile", BrokerDevices,
        .. _settings,
    ];

    internal static async Task<World> CreateAsync(TimeProvider? wall = null, params string[] settings)
    {
        var world = new World(wall, settings);
        world.HomeBroker = await MosquittoBroker.StartAsync();
        world.CloudBroker = await MosquittoBroker.StartAsync();
        world.Cloud = await ScriptedCloud.StartAsync(wall);
        world.Fleet = await Fleet.ConnectAsync(
            world.HomeBroker.Port, "fleet", "gtx/v1/+/reading/ack", "gtx/v1/+/command", "gtx/v1/+/pairing",
                "gtx/v1/time");
        world.Core = await Fleet.ConnectAsync(world.CloudBroker.Port, "core", "gtx/v1/+/state");
        world.Register(world.Device);
        return world;
    }

    internal static async Task<World> StartAsync(TimeProvider? wall = null, params string[] settings)
    {
        var world = await CreateAsync(wall, settings);
        await world.StartGatewayAsync();
        return world;
    }

    internal void Register(SigningKey device) => Cloud.Devices[device.PublicKey] = $"meter-{Cloud.Devices.Count}";

    /// <summary>The gateway is somebody's, and may pair for an hour.</summary>
    internal Key32 Own()
    {
        var owner = Some.Owner;
        Part<Ownership>().Accept(new Owner("Ann's home", "zone-1", owner, _wall.GetUtcNow().AddHours(1)));
        return owner;
    }

    internal async Task StartGatewayAsync(bool awaitDevices = true)
    {
        _gateway = GatewayApplication.Build(Settings, _wall, logging: Log.AddTo);
        await _gateway.StartAsync();
        if (awaitDevices)
        {
            await Eventually.HoldsAsync(async () =>
                await StatusAsync() is { HomeBroker: true, CloudBroker: true } status
                && status.Devices == Cloud.Devices.Count);
        }
    }

    /// <summary>The buffer lies there from the next start on.</summary>
    internal void StoreIn(string database) => Database = database;

    internal async Task<bool> IsReadyAsync()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"{Url}/health/ready"));
        return answer.IsSuccessStatusCode;
    }

    internal async Task StopGatewayAsync()
    {
        if (_gateway is { } gateway)
        {
            _gateway = null;
            await gateway.StopAsync();
            await gateway.DisposeAsync();
        }
    }

    internal async Task<GatewayStatus> StatusAsync()
    {
        using var http = new HttpClient();
        return (await http.GetFromJsonAsync($"{Url}/status", ProtocolJson.Default.GatewayStatus))!;
    }

    internal Task NothingIsLeftAsync() => Eventually.HoldsAsync(async () => (await StatusAsync()).Backlog == 0);

    /// <summary>Readings that an earlier run of the gateway took and did not forward; before it starts.</summary>
    internal void Store(IReadOnlyList<SignedReading> readings)
    {
        using var database = new GatewayDatabase(Database, new WallTime(_wall));
        var configuration = new ConfigurationBuilder().AddCommandLine(Settings).Build();
        _ = new ReadingOutbox(database, GatewayOptions.Read(configuration)).Append(readings);
    }

    /// <summary>
    /// The cloud's devices, as an earlier run has learned them: then commands are subscribed to once it is connected.
    /// </summary>
    internal void StoreDevices()
    {
        using var database = new GatewayDatabase(Database, new WallTime(_wall));
        _ = new DeviceDirectory(database).Replace(
            [.. Cloud.Devices.Select(static d => new GatewayDevice(d.Key, d.Value))]);
    }

    internal long Count(string where) => Number($"select count(*) from {where}");

    /// <summary>What the buffer answers to this.</summary>
    internal long Number(string sql)
    {
        SystemSqlite.Use();
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    internal void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        await StopGatewayAsync();
        await Fleet.DisposeAsync();
        await Core.DisposeAsync();
        await Cloud.DisposeAsync();
        await HomeBroker.DisposeAsync();
        await CloudBroker.DisposeAsync();
        Device.Dispose();
        Log.Dispose();
        System.IO.Directory.Delete(Folder, recursive: true);
    }
}

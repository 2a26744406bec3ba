using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using GridTokenX.CloudCore;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GridTokenX.EndToEnd.Tests.Pairing;

/// <summary>
/// Cloud core on a real database, two real brokers, and gateways over their own files, on a market time of the test's.
/// </summary>
internal sealed class PairingStack : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-pairing-").FullName;
    private readonly SigningKey _operator = SigningKey.Generate();
    private readonly List<PairingGateway> _gateways = [];
    private readonly List<Meter> _meters = [];
    private readonly Dictionary<Key32, HttpClient> _clients = [];
    private MosquittoBroker _cloudBroker = null!;
    private WebApplication _cloud = null!;

    internal MosquittoBroker HomeBroker { get; private set; } = null!;

    internal SigningKey Owner { get; } = SigningKey.Generate();

    internal DateTimeOffset Now { get; private set; } = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    internal SigningKey Operator => _operator;

    private NpgsqlDataSource Database => _cloud.Services.GetRequiredService<NpgsqlDataSource>();

    internal Uri CloudUrl => new(_cloud.Urls.First());

    internal static async Task<PairingStack> StartAsync()
    {
        var stack = new PairingStack
        {
            HomeBroker = await MosquittoBroker.StartAsync(),
            _cloudBroker = await MosquittoBroker.StartAsync(),
        };
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        stack._cloud = CloudCoreHost.Build(
            [
                "--Urls=http://127.0.0.1:0",
                $"--Cloud:Database={database}",
                $"--Cloud:KeyFolder={Path.Combine(stack._folder, "keys")}",
                $"--Cloud:OperatorKey={stack._operator}",
                "--Cloud:AutoVerifyUsers=true",
                "--Simulation:Enabled=true",
                "--Ingest:MinReadingInterval=00:00:01",
                "--Solana:RpcUrl=http://127.0.0.1:1",
                "--Mqtt:Host=127.0.0.1",
                $"--Mqtt:Port={stack._cloudBroker.Port}",
            ],
            TimeProvider.System,
            static services => _ = services.AddLogging(static logging => logging.ClearProviders()));
        await stack._cloud.StartAsync();
        await Eventually.HoldsAsync(async () => (await stack.TryAdvanceCloudAsync()).IsSuccessStatusCode);
        return stack;
    }

    internal async Task<PairingGateway> AddGatewayAsync()
    {
        var name = $"gateway-{_gateways.Count}";
        var marker = Path.Combine(_folder, name, "system/run/systemd/timesync/synchronized");
        _ = Directory.CreateDirectory(Path.GetDirectoryName(marker)!);
        await File.WriteAllTextAsync(marker, string.Empty);
        var gateway = new PairingGateway(
        [
            "--urls", "http://127.0.0.1:0",
            "--Logging:LogLevel:Default", "Critical",
            "--Gateway:DataFolder", Path.Combine(_folder, name),
            "--Gateway:CloudUrl", CloudUrl.ToString(),
            "--Gateway:HomeBroker:Port", $"{HomeBroker.Port}",
            "--Gateway:CloudBroker:Port", $"{_cloudBroker.Port}",
            "--Gateway:SystemRoot", Path.Combine(_folder, name, "system"),
            "--Simulation:Enabled", "true",
            "--Simulation:Start", Now.ToString("O"),
        ]);
        _gateways.Add(gateway);
        await gateway.StartAsync();
        return gateway;
    }

    /// <summary>A new device, switched on beside the home's broker.</summary>
    internal Meter AddMeter()
    {
        var meter = new Meter(HomeBroker.Port, Now);
        _meters.Add(meter);
        return meter;
    }

    /// <summary>Every board goes on while something is waited for.</summary>
    internal Task UntilAsync(Func<Task<bool>> condition, string what) => Eventually.HoldsAsync(
        async () =>
        {
            _meters.ForEach(meter => meter.Step(Now));
            return await condition();
        },
        TimeSpan.FromMinutes(3),
#pragma warning disable S3236 // A step of the story says more than the lambda.
        what);
#pragma warning restore S3236

    internal Task UntilAsync(Func<bool> condition, string what) =>
        UntilAsync(() => Task.FromResult(condition()), what);

    /// <summary>A quarter hour for everybody.</summary>
    internal async Task AdvanceAsync()
    {
        Now += TimeSpan.FromMinutes(15);
        (await TryAdvanceCloudAsync()).EnsureSuccessStatusCode().Dispose();
        foreach (var gateway in _gateways.Where(static gateway => gateway.IsRunning))
        {
            await gateway.AdvanceAsync(Now);
        }

        _meters.ForEach(meter => meter.Step(Now));
    }

    internal async Task<T> GetAsync<T>(SigningKey signer, string path, JsonTypeInfo<T> form) =>
        (await Client(signer).GetFromJsonAsync(new Uri(CloudUrl, path), form))!;

    internal async Task<HttpResponseMessage> PostAsync(SigningKey signer, string path, object? body = null)
    {
        using var content = body is null
            ? null
            : JsonContent.Create(body, ProtocolJson.Default.GetTypeInfo(body.GetType())!);
        return await Client(signer).PostAsync(new Uri(CloudUrl, path), content);
    }

    internal async Task<T> PostAsync<T>(SigningKey signer, string path, object body, JsonTypeInfo<T> form)
    {
        using var answer = await PostAsync(signer, path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync(form))!;
    }

    internal Task<MeterView> MeterAsync(string meterId) =>
        GetAsync(Owner, $"/api/meters/{meterId}", ProtocolJson.Default.MeterView);

    internal async Task<string> ClaimCodeAsync() => (await PostAsync(
        Owner,
        "/api/gateways/claims",
        new MakeClaimRequest("Ann's home", "zone-1"),
        ProtocolJson.Default.MadeClaim)).Code;

    internal async Task<object?> QueryAsync(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _meters.ForEach(static meter => meter.Dispose());
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        await _cloud.StopAsync();
        await _cloud.DisposeAsync();
        await HomeBroker.DisposeAsync();
        await _cloudBroker.DisposeAsync();
        _operator.Dispose();
        Owner.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private HttpClient Client(SigningKey signer)
    {
        if (!_clients.TryGetValue(signer.PublicKey, out var client))
        {
#pragma warning disable CA2000 // The client owns its handlers.
            client = new HttpClient(
                new SigningHandler(signer, new WallTime(TimeProvider.System), new SocketsHttpHandler()));
#pragma warning restore CA2000
            _clients.Add(signer.PublicKey, client);
        }

        return client;
    }

    private Task<HttpResponseMessage> TryAdvanceCloudAsync() =>
        PostAsync(_operator, "/simulation/advance", new AdvanceRequest(Now));
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GridTokenX.CloudCore.Tests;

/// <summary>What a test wants different from a simulation at noon on a database of its own.</summary>
public sealed record CloudHostOptions
{
    /// <summary>Null for a new database of the shared cluster.</summary>
    public string? Database { get; init; }

    /// <summary>Market time to begin with; null leaves a simulation's clock unset.</summary>
    public DateTimeOffset? Now { get; init; } = CloudHost.Noon;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public bool WaitUntilReady { get; init; } = true;

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public Action<IServiceCollection>? Replace { get; init; }

    public Action<IEndpointRouteBuilder>? Map { get; init; }
}

/// <summary>The whole cloud core in this process, on a real port and a real database.</summary>
public sealed class CloudHost : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly WebApplication _app;
    private readonly string _keyFolder;
    private readonly ConcurrentDictionary<Key32, HttpClient> _clients = new();

    private CloudHost(WebApplication app, SigningKey operatorKey, string keyFolder)
    {
        _app = app;
        _keyFolder = keyFolder;
        OperatorKey = operatorKey;
    }

    public SigningKey OperatorKey { get; }

    public IServiceProvider Services => _app.Services;

    public NpgsqlDataSource Database => Services.GetRequiredService<NpgsqlDataSource>();

    public DateTimeOffset Now => Services.GetRequiredService<TimeProvider>().GetUtcNow();

    public Uri Address => new(_app.Urls.First());

    public static async Task<CloudHost> StartAsync(CloudHostOptions? options = null)
    {
        options ??= new CloudHostOptions();
        var database = options.Database ?? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var operatorKey = SigningKey.Generate();
        var keyFolder = Path.Combine(Path.GetTempPath(), $"gtx-keys-{Guid.NewGuid():N}");
        var settings = new Dictionary<string, string>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["Cloud:Database"] = database,
            ["Cloud:KeyFolder"] = keyFolder,
            ["Cloud:OperatorKey"] = operatorKey.ToString(),
            ["Cloud:AutoVerifyUsers"] = "true",
            ["Cloud:GrantsEnabled"] = "true",
            ["Simulation:Enabled"] = "true",

            // Nobody answers there: what is for the chain stays in the outbox. Tests of the chain name a real one.
            ["Solana:RpcUrl"] = "http://127.0.0.1:1",
        };
        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        var app = CloudCoreHost.Build(
            [.. settings.Select(static s => $"--{s.Key}={s.Value}")],
            options.Clock,
            services =>
            {
                _ = services.AddLogging(static logging => logging.ClearProviders());
                options.Replace?.Invoke(services);
            },
            options.Map);
        var host = new CloudHost(app, operatorKey, keyFolder);
        await app.StartAsync();
        if (options.WaitUntilReady)
        {
            await host.Services.GetRequiredService<DatabaseReadiness>().WaitAsync(CancellationToken.None);
        }

        if (options.WaitUntilReady && options.Now is { } now && settings["Simulation:Enabled"] == "true")
        {
            await host.AdvanceAsync(now);
        }

        return host;
    }

    /// <summary>A client that signs with this key; null for one that does not sign.</summary>
    public HttpClient Client(SigningKey? key = null) => _clients.GetOrAdd(
        key?.PublicKey ?? default,
        _ =>
        {
            HttpMessageHandler handler = new SocketsHttpHandler();
            return new HttpClient(
                key is null ? handler : new SigningHandler(key, Services.GetRequiredService<WallTime>(), handler))
            {
                BaseAddress = Address,
            };
        });

    public async Task<CloudSimulationStatus> AdvanceAsync(DateTimeOffset now)
    {
        using var response = await PostAsync(null, "/simulation/advance", new AdvanceRequest(now));
        _ = response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.CloudSimulationStatus))!;
    }

    public async Task<HttpResponseMessage> PostAsync(SigningKey? signer, string path, object body) =>
        await Client(signer).PostAsync(path, Json(body));

    public async Task<HttpResponseMessage> PostTextAsync(SigningKey? signer, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        return await Client(signer).PostAsync(path, content);
    }

    public async Task<HttpResponseMessage> GetAsync(SigningKey? signer, string path) =>
        await Client(signer).GetAsync(path);

    public async Task<long> CountAsync(string table)
    {
        await using var command = Database.CreateCommand(
            string.Create(CultureInfo.InvariantCulture, $"select count(*) from {table}"));
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        await _app.StopAsync();
        await _app.DisposeAsync();
        OperatorKey.Dispose();
        if (Directory.Exists(_keyFolder))
        {
            Directory.Delete(_keyFolder, recursive: true);
        }
    }

    private static JsonContent Json(object body) =>
        JsonContent.Create(body, ProtocolJson.Default.GetTypeInfo(body.GetType())!);
}

/// <summary>One host for all the tests of a class.</summary>
public sealed class CloudFixture : IAsyncLifetime
{
    public CloudHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await CloudHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();
}

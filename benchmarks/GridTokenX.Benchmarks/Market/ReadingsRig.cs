using System.Globalization;
using System.Net.Http.Json;
using GridTokenX.CloudCore;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GridTokenX.Benchmarks.Market;

/// <summary>Cloud core on a port of its own, a PostgreSQL that syncs, and gateways with their devices.</summary>
internal sealed class ReadingsRig : IAsyncDisposable
{
    internal const int Gateways = 16;
    internal const int DevicesPerGateway = 50;
    internal const string SignedProbe = "/probe/signed";
    internal const string PublicProbe = "/probe/public";

    /// <summary>Market time: it stands still, so that what a reading's age is does not depend on the machine.</summary>
    internal static readonly DateTimeOffset Now = new(2026, 6, 8, 12, 0, 0, TimeSpan.Zero);

    private readonly PostgresServer _postgres;
    private readonly WebApplication _core;
    private readonly string _keys;
    private readonly SigningKey _operator;

    private ReadingsRig(PostgresServer postgres, string database, TimeProvider clock)
    {
        _postgres = postgres;
        _keys = Directory.CreateTempSubdirectory("gridtokenx-bench-").FullName;
        _operator = SigningKey.Generate();
        Fleet = [.. Enumerable.Range(0, Gateways).Select(static _ => new GatewayKeys())];
        PostgresCpu = new PostgresCpu(new NpgsqlConnectionStringBuilder(database).Host!);
        _core = CloudCoreHost.Build(
            [
                "--Urls=http://127.0.0.1:0",
                $"--Cloud:Database={database}",
                $"--Cloud:KeyFolder={_keys}/platform",
                $"--Cloud:OperatorKey={_operator}",
                "--Simulation:Enabled=true",
                "--Solana:RpcUrl=http://127.0.0.1:1",

                // All the requests come from one address.
                "--RateLimits:AddressPerSecond=1000000",
                "--RateLimits:AddressBurst=1000000",
                "--RateLimits:SignerPerSecond=1000000",
                "--RateLimits:SignerBurst=1000000",
            ],
            clock,
            static services => services.AddLogging(static logging => logging.ClearProviders()),
            static routes =>
            {
                _ = routes.MapPost(SignedProbe, static () => Results.Text("ok")).RequireWallet();
                _ = routes.MapPost(PublicProbe, static () => Results.Text("ok")).AllowPublic();
            });
    }

    internal IReadOnlyList<GatewayKeys> Fleet { get; }

    internal PostgresCpu PostgresCpu { get; }

    internal Uri Address => new(_core.Urls.Single());

    internal static async Task<ReadingsRig> StartAsync(TimeProvider clock)
    {
        var postgres = await PostgresServer.StartAsync(durable: true);
        var rig = new ReadingsRig(postgres, await postgres.CreateDatabaseAsync(), clock);
        await rig._core.StartAsync();
        await rig._core.Services.GetRequiredService<DatabaseReadiness>().WaitAsync(CancellationToken.None);
        await rig.RegisterAsync();
        using var client = new HttpClient { BaseAddress = rig.Address };
        using var answer = await client.PostAsync(
            "/simulation/advance",
            JsonContent.Create(new AdvanceRequest(Now), ProtocolJson.Default.AdvanceRequest));
        _ = answer.EnsureSuccessStatusCode();
        return rig;
    }

    /// <summary>After a stream, so that the next one does not pay for it.</summary>
    internal async Task CheckpointAsync()
    {
        var source = _core.Services.GetRequiredService<NpgsqlDataSource>();
        await using var command = source.CreateCommand("checkpoint");
        _ = await command.ExecuteNonQueryAsync();
        await using var analyze = source.CreateCommand("analyze");
        _ = await analyze.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _core.StopAsync();
        await _core.DisposeAsync();
        await _postgres.DisposeAsync();
        foreach (var gateway in Fleet)
        {
            gateway.Dispose();
        }

        _operator.Dispose();
        Directory.Delete(_keys, recursive: true);
    }

    /// <summary>Straight into the tables: what registering costs is not asked here.</summary>
    private async Task RegisterAsync()
    {
        var source = _core.Services.GetRequiredService<NpgsqlDataSource>();
        var registered = Now.AddDays(-30).UtcDateTime;
        for (var g = 0; g < Fleet.Count; g++)
        {
            await using var batch = source.CreateBatch();
            Add(batch, "insert into gateways (gateway, name, created_at) values ($1, 'bench', $2)",
                Fleet[g].Key.PublicKey.ToArray(), registered);
            for (var d = 0; d < Fleet[g].Devices.Count; d++)
            {
                var owner = Guid.NewGuid();
                var wallet = Fleet[g].Devices[d].PublicKey.ToArray();
                Add(batch,
                    """
                    insert into users (id, name, role, wallet, verified, created_at, access_key)
                    values ($1, 'bench', 'prosumer', $2, true, $3, $2)
                    """,
                    owner, wallet, registered);
                Add(batch,
                    """
                    insert into meters (meter_id, device, owner_id, zone, gateway, consent, registered_at)
                    values ($1, $2, $3, 'zone-1', $4, '', $5)
                    """,
                    string.Create(CultureInfo.InvariantCulture, $"MTR-{g:D3}-{d:D3}"),
                    wallet, owner, Fleet[g].Key.PublicKey.ToArray(), registered);
            }

            _ = await batch.ExecuteNonQueryAsync();
        }
    }

    private static void Add(NpgsqlBatch batch, string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            _ = command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        batch.BatchCommands.Add(command);
    }
}

internal sealed class GatewayKeys : IDisposable
{
    internal SigningKey Key { get; } = SigningKey.Generate();

    internal IReadOnlyList<SigningKey> Devices { get; } =
        [.. Enumerable.Range(0, ReadingsRig.DevicesPerGateway).Select(static _ => SigningKey.Generate())];

    public void Dispose()
    {
        Key.Dispose();
        foreach (var device in Devices)
        {
            device.Dispose();
        }
    }
}

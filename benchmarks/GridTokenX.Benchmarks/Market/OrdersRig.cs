using GridTokenX.CloudCore;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Protocol.Keys;
using GridTokenX.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GridTokenX.Benchmarks.Market;

/// <summary>Somebody who orders.</summary>
internal sealed record BenchTrader(SigningKey Key, Key32 Wallet);

/// <summary>
/// The whole cloud core on a port of its own, a PostgreSQL that syncs, people with meters, and in place of the chain a
/// stand-in that confirms every escrow at once, or leaves the outbox alone.
/// </summary>
internal sealed class OrdersRig : IAsyncDisposable
{
    private readonly PostgresServer _postgres;
    private readonly WebApplication _core;
    private readonly string _keys = Directory.CreateTempSubdirectory("gridtokenx-bench-").FullName;

    private OrdersRig(PostgresServer postgres, string database, TimeProvider clock, bool confirms)
    {
        _postgres = postgres;
        PostgresCpu = new PostgresCpu(new NpgsqlConnectionStringBuilder(database).Host!);
        _core = CloudCoreHost.Build(
            [
                "--Urls=http://127.0.0.1:0",
                $"--Cloud:Database={database}",
                $"--Cloud:KeyFolder={_keys}/platform",
                $"--Cloud:OperatorKey={new Key32(new byte[Key32.Length])}",
                "--Trading:MatchInterval=00:00:00",
                "--Trading:MaxOpenOrders=100000",
                "--Solana:RpcUrl=http://127.0.0.1:1",

                // All the requests come from one address.
                "--RateLimits:AddressPerSecond=1000000",
                "--RateLimits:AddressBurst=1000000",
                "--RateLimits:SignerPerSecond=1000000",
                "--RateLimits:SignerBurst=1000000",
                "--Live:MaxClientsOfAddress=5000",
            ],
            clock,
            services =>
            {
                AgreeableChain.Replace(services);
                _ = services.RemoveAll<IMarketFeed>()
                    .AddSingleton<CommitSignal>()
                    .AddSingleton<IMarketFeed>(static provider => provider.GetRequiredService<CommitSignal>());
                if (!confirms)
                {
                    _ = services.Remove(services.Single(static service =>
                        service.ServiceType == typeof(IHostedService)
                        && service.ImplementationType == typeof(AgreeableSender)));
                }

                _ = services.AddLogging(static logging => logging.ClearProviders());
            });
    }

    internal IReadOnlyList<BenchTrader> Traders { get; private set; } = [];

    internal PostgresCpu PostgresCpu { get; }

    /// <summary>Of the zones' writers.</summary>
    internal CommitSignal Commits => _core.Services.GetRequiredService<CommitSignal>();

    internal Uri Address => new(_core.Urls.Single());

    internal IServiceProvider Services => _core.Services;

    internal NpgsqlDataSource Database => _core.Services.GetRequiredService<NpgsqlDataSource>();

    internal static async Task<OrdersRig> StartAsync(TimeProvider clock, int traders, bool confirms)
    {
        var postgres = await PostgresServer.StartAsync(durable: true);
        var rig = new OrdersRig(postgres, await postgres.CreateDatabaseAsync(), clock, confirms);
        await rig._core.StartAsync();
        await rig._core.Services.GetRequiredService<DatabaseReadiness>().WaitAsync(CancellationToken.None);
        rig.Traders = [.. Enumerable.Range(0, traders).Select(static _ =>
        {
            using var wallet = SigningKey.Generate();
            return new BenchTrader(SigningKey.Generate(), wallet.PublicKey);
        })];
        await Parallel.ForEachAsync(rig.Traders.Index(), async (person, _) => await MarketPeople.AddAsync(
            rig.Database, person.Item.Key.PublicKey, person.Item.Wallet, "zone-1", person.Index));

        await rig.AnalyzeAsync();
        return rig;
    }

    /// <summary>An access token of each trader, who has just signed in.</summary>
    internal async Task<string[]> SignInAsync()
    {
        var sessions = Services.GetRequiredService<Sessions>();
        var tokens = Services.GetRequiredService<AccessTokens>();
        await using var unit = await Database.BeginAsync(CancellationToken.None);
        var signedIn = new string[Traders.Count];
        foreach (var (i, trader) in Traders.Index())
        {
            var key = trader.Key.PublicKey;
            var (session, _) = await sessions.StartAsync(
                unit.Transaction, key, "wallet", "127.0.0.1", null, CancellationToken.None);
            signedIn[i] = tokens.Issue(session, key, Roles.Prosumer).Token;
        }

        await unit.CommitAsync(CancellationToken.None);
        return signedIn;
    }

    internal async Task<long> CountAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    internal async Task AnalyzeAsync()
    {
        await using var command = Database.CreateCommand("analyze");
        _ = await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _core.StopAsync();
        await _core.DisposeAsync();
        await _postgres.DisposeAsync();
        foreach (var trader in Traders)
        {
            trader.Key.Dispose();
        }

        Directory.Delete(_keys, recursive: true);
    }
}

using System.Diagnostics;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Solana;
using GridTokenX.Testing;
using Xunit.Abstractions;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class ChainRestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_chain_killed_in_the_middle_loses_and_doubles_nothing()
    {
        await using var chain = await PlatformChain.StartAsync();
        await using var rig = await ChainRig.CreateAsync(chain);
        await using var process = await rig.StartAsync();
        var (wallet, intents) = await GrantsAsync(rig, process);
        await Eventually.HoldsAsync(async () => await ConfirmedAsync(rig) > 100);

        await chain.Localnet.KillAsync();
        await chain.Localnet.StartAgainAsync();

        await rig.UntilStatusAsync("confirmed", intents);
        await ShouldHaveHappenedOnceAsync(rig, process, wallet, intents);
        (await rig.CountAsync("select count(*) from chain_outbox where attempts > 0")).ShouldBe(0);
        await ShouldFollowAgainAsync(rig, process);
    }

    [Fact]
    public async Task A_database_killed_in_the_middle_loses_and_doubles_nothing()
    {
        await using var chain = await PlatformChain.StartAsync();
        await using var server = await PostgresServer.StartAsync();
        await using var rig = await ChainRig.CreateAsync(chain, server);
        await using var process = await rig.StartAsync();
        var (wallet, intents) = await GrantsAsync(rig, process);
        await Eventually.HoldsAsync(async () => await ConfirmedAsync(rig) > 100);

        await server.Kill9Async();
        await server.RestartAsync();
        rig.Source.Clear();

        await rig.UntilStatusAsync("confirmed", intents);
        await ShouldHaveHappenedOnceAsync(rig, process, wallet, intents);
        await ShouldFollowAgainAsync(rig, process);
    }

    [Fact]
    public async Task Nine_hundred_meters_are_minted_each_once()
    {
        const int Meters = 900;
        await using var chain = await PlatformChain.StartAsync();
        await using var rig = await ChainRig.CreateAsync(chain);
        await using var process = await rig.StartAsync();
        var wallets = Enumerable.Range(0, 100).Select(static _ => Keypair.Generate()).ToList();
        await rig.DoAsync(process, [.. wallets.Select(static wallet => Some.User(wallet))]);
        var meters = Enumerable.Range(0, Meters)
            .Select(i => (Wallet: wallets[i % wallets.Count], Id: Some.MeterId))
            .ToList();
        var seconds = await TimeAsync(rig, process, [.. meters.Select(static meter =>
            Some.Meter(meter.Wallet, meter.Id, Neighbourhood.Now))]);
        output.WriteLine($"{Meters} registrations in {seconds:F2} s: {Meters / seconds:F0}/s");
        seconds = await TimeAsync(rig, process, [.. meters.Select(static meter =>
            Some.Mint(meter.Wallet, meter.Id, 2, Neighbourhood.Now))]);
        output.WriteLine($"{Meters} mints in {seconds:F2} s: {Meters / seconds:F0}/s");
        (await process.Chain.TotalsAsync(CancellationToken.None)).GridSupply.ShouldBe(Meters * 2_000_000UL);
        (await rig.CountAsync("select count(*) from chain_events where kind = 'meter_balance_settled'"))
            .ShouldBe(Meters);
    }

    [Fact]
    public async Task Six_hundred_trades_settle_each_once()
    {
        const int Trades = 600;
        await using var chain = await PlatformChain.StartAsync();
        await using var rig = await ChainRig.CreateAsync(chain);
        await using var process = await rig.StartAsync();
        var seller = await rig.CreateSellerAsync(process, 10 * Trades);
        var buyers = Enumerable.Range(0, 20).Select(static _ => Keypair.Generate()).ToList();
        buyers.ForEach(rig.Managed.Add);
        await rig.DoAsync(process, [.. buyers.Select(static buyer => Some.User(buyer))]);
        await rig.DoAsync(process, [.. buyers.Select(static buyer => Some.Grant(buyer, 1_000_000))]);
        var expiry = Neighbourhood.Now.AddHours(1);
        var sells = Enumerable.Range(0, Trades).Select(_ => Some.Order(seller, "sell", 10, 4_000, expiry)).ToList();
        var buys = Enumerable.Range(0, Trades)
            .Select(i => Some.Order(buyers[i % buyers.Count], "buy", 10, 4_000, expiry))
            .ToList();
        var seconds = await TimeAsync(rig, process, [.. sells, .. buys]);
        output.WriteLine($"{2 * Trades} orders in {seconds:F2} s: {2 * Trades / seconds:F0}/s");
        seconds = await TimeAsync(rig, process, [.. sells.Zip(buys, (sell, buy) =>
            Some.Settlement(sell, buy, 10, 4_000, process.Sponsor()))]);
        output.WriteLine($"{Trades} settlements in {seconds:F2} s: {Trades / seconds:F0}/s");
        var totals = await process.Chain.TotalsAsync(CancellationToken.None);
        (totals.GridVault, totals.GrxVault.Value).ShouldBe((0UL, 0));
        (await rig.CountAsync("select count(*) from chain_events where kind = 'trade_executed'")).ShouldBe(Trades);
        (await process.BalancesAsync(seller)).ShouldBe((0, Trades * 40));
    }

    private static async Task ShouldFollowAgainAsync(ChainRig rig, CloudProcess process)
    {
        for (var i = 0; i < 3; i++)
        {
            var user = Some.User(Keypair.Generate());
            await rig.DoAsync(process, user);
            await rig.UntilIdleAsync(process);
            (await rig.CountAsync(
                "select count(*) from test_events where signature = $1", await rig.SignatureOfAsync(user)))
                .ShouldBe(1);
        }
    }

    /// <summary>From the first row to the last event.</summary>
    private static async Task<double> TimeAsync(ChainRig rig, CloudProcess process, ChainIntent[] intents)
    {
        var began = Stopwatch.GetTimestamp();
        await rig.DoAsync(process, intents);
        await rig.UntilIdleAsync(process);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<(Keypair Wallet, ChainIntent[] Intents)> GrantsAsync(ChainRig rig, CloudProcess process)
    {
        var wallet = await rig.CreateUserAsync(process);
        ChainIntent[] intents = [.. Enumerable.Range(1, 1000).Select(_ => Some.Grant(wallet, 1))];
        await rig.EnqueueAsync(process, intents);
        return (wallet, intents);
    }

    private static async Task ShouldHaveHappenedOnceAsync(
        ChainRig rig, CloudProcess process, Keypair wallet, ChainIntent[] intents)
    {
        (await process.BalancesAsync(wallet)).Grx.ShouldBe(intents.Length);
        var ids = intents.Select(static intent => intent.Id).ToArray();
        (await rig.CountAsync("select count(distinct intent) from test_effects where intent = any ($1)", ids))
            .ShouldBe(intents.Length);
        (await rig.CountAsync("select count(*) from test_effects where intent = any ($1)", ids))
            .ShouldBe(intents.Length);
    }

    private static Task<long> ConfirmedAsync(ChainRig rig) =>
        rig.CountAsync("select count(*) from chain_outbox where status = 'confirmed'");
}

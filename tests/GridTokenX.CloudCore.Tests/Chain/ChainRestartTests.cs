using System.Diagnostics;
using GridTokenX.Testing;
using Xunit.Abstractions;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class ChainRestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_chain_killed_in_the_middle_loses_and_doubles_nothing()
    {
        await using var localnet = await Localnet.StartAsync();
        await using var rig = await ChainRig.CreateAsync(localnet);
        await using var process = await rig.StartAsync();
        await process.Chain.PrepareAsync(CancellationToken.None);
        var wallet = await rig.CreateWalletAsync(process);
        var intents = Enumerable.Range(1, 1000).Select(_ => Some.Mint(wallet, 1)).ToArray();
        await rig.EnqueueAsync(process, [.. intents]);
        await Eventually.HoldsAsync(async () => await ConfirmedAsync(rig) > 100);

        await localnet.KillAsync();
        (await ConfirmedAsync(rig)).ShouldBeLessThan(1000);
        await localnet.StartAgainAsync();

        await rig.UntilStatusAsync("confirmed", [.. intents]);
        (await process.BalancesAsync(wallet)).Grid.ShouldBe(1000 * 1_000_000m);
        (await rig.CountAsync("select count(distinct intent) from test_effects")).ShouldBe(1000);
        (await rig.CountAsync("select count(*) from test_effects")).ShouldBe(1000);
        (await rig.CountAsync("select count(*) from chain_outbox where attempts > 0")).ShouldBe(0);
    }

    [Fact]
    public async Task A_database_killed_in_the_middle_loses_and_doubles_nothing()
    {
        await using var localnet = await Localnet.StartAsync();
        await using var server = await PostgresServer.StartAsync();
        await using var rig = await ChainRig.CreateAsync(localnet, server);
        await using var process = await rig.StartAsync();
        await process.Chain.PrepareAsync(CancellationToken.None);
        var wallet = await rig.CreateWalletAsync(process);
        var intents = Enumerable.Range(1, 1000).Select(_ => Some.Mint(wallet, 1)).ToArray();
        await rig.EnqueueAsync(process, [.. intents]);
        await Eventually.HoldsAsync(async () => await ConfirmedAsync(rig) > 100);

        await server.Kill9Async();
        await server.RestartAsync();
        rig.Source.Clear();
        (await ConfirmedAsync(rig)).ShouldBeLessThan(1000);

        await rig.UntilStatusAsync("confirmed", [.. intents]);
        (await process.BalancesAsync(wallet)).Grid.ShouldBe(1000 * 1_000_000m);
        (await rig.CountAsync("select count(distinct intent) from test_effects")).ShouldBe(1000);
        (await rig.CountAsync("select count(*) from test_effects")).ShouldBe(1000);
    }

    [Fact]
    public async Task Three_thousand_intents_are_confirmed_each_once()
    {
        const int Count = 3000;
        await using var localnet = await Localnet.StartAsync();
        await using var rig = await ChainRig.CreateAsync(localnet);
        await using var process = await rig.StartAsync();
        await process.Chain.PrepareAsync(CancellationToken.None);
        var wallet = await rig.CreateWalletAsync(process);
        var intents = Enumerable.Range(1, Count).Select(_ => Some.Mint(wallet, 1)).ToArray();
        var began = Stopwatch.GetTimestamp();
        await rig.EnqueueAsync(process, [.. intents]);
        await Eventually.HoldsAsync(async () => await ConfirmedAsync(rig) == Count, TimeSpan.FromSeconds(60));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        output.WriteLine($"{Count} intents in {seconds:F2} s: {Count / seconds:F0} confirmed/s");
        (await process.BalancesAsync(wallet)).Grid.ShouldBe(Count * 1_000_000m);
    }

    private static Task<long> ConfirmedAsync(ChainRig rig) =>
        rig.CountAsync("select count(*) from chain_outbox where status = 'confirmed'");
}

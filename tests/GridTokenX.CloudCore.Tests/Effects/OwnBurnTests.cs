using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Effects;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Effects;

/// <summary>What a buyer with a wallet of his own owes, and retires by himself.</summary>
public sealed class OwnBurnTests : IAsyncLifetime
{
    private const ulong BaseUnitsPerWh = 1_000_000;

    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync(market: new MarketOptions { BurnOnSettlement = true });
        _anna = await _world.TraderAsync(wh: 10_000, ugrx: 0);
        _boon = await _world.TraderAsync(wh: 0, ugrx: 50_000_000);
        await _world.RunAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Owners_burn_stands_for_what_he_owes_the_oldest_first_and_the_rest_is_voluntary()
    {
        await DueAsync(100, 200, 300);
        await BurnsAsync(_boon.Wallet, 100 * BaseUnitsPerWh);
        (await BurnsOfMatchesAsync()).ShouldBe([("retired", 100), ("due", 0), ("due", 0)]);

        // In part, and the part of a watt-hour does not count.
        await BurnsAsync(_boon.Wallet, (250 * BaseUnitsPerWh) + 999_999);
        (await BurnsOfMatchesAsync()).ShouldBe([("retired", 100), ("retired", 200), ("due", 50)]);
        (await TotalsAsync()).ShouldBe((Due: 250, Burned: 350, Voluntary: 0));

        await BurnsAsync(_boon.Wallet, 300 * BaseUnitsPerWh);
        (await BurnsOfMatchesAsync()).ShouldBe([("retired", 100), ("retired", 200), ("retired", 300)]);
        (await TotalsAsync()).ShouldBe((Due: 0, Burned: 600, Voluntary: 50));

        // What was voluntary does not stand for what is owed later.
        await DueAsync(40);
        (await TotalsAsync()).ShouldBe((Due: 40, Burned: 600, Voluntary: 50));
    }

    [Fact]
    public async Task Burn_that_is_heard_of_twice_counts_once()
    {
        await DueAsync(100, 200);
        var signature = new Signature(new byte[Signature.Length]);
        var burn = new TokensRetired(_boon.Wallet.ToPublicKey(), 100 * BaseUnitsPerWh, 0);
        await _world.HappenedAsync(signature, burn);
        await _world.HappenedAsync(signature, burn);
        (await BurnsOfMatchesAsync()).ShouldBe([("retired", 100), ("due", 0)]);

        // The effect itself, without the store that keeps out what it has already.
        var effect = new OwnBurns();
        await using (var unit = await Database.BeginAsync(_world.Database, CancellationToken.None))
        {
            await effect.ApplyAsync(
                unit,
                [new IndexedEvent(burn, signature.ToString(), 1, null, 0)],
                isRoomy: true,
                CancellationToken.None);
            await unit.CommitAsync(CancellationToken.None);
        }

        (await BurnsOfMatchesAsync()).ShouldBe([("retired", 100), ("due", 0)]);

        // Twice in one transaction is twice.
        await _world.HappenedAsync(burn, burn);
        (await BurnsOfMatchesAsync()).ShouldBe([("retired", 100), ("retired", 200)]);
    }

    [Fact]
    public async Task Burn_of_the_outbox_stands_for_its_own_match_alone()
    {
        await DueAsync(100);

        // From now on the server holds the key: it retires what comes, and the old debt stays.
        await SettledAsync(200);
        (await BurnsOfMatchesAsync()).ShouldBe([("due", 0), ("retired", 0)]);
        (await TotalsAsync()).ShouldBe((Due: 100, Burned: 200, Voluntary: 0));
        (await _world.CountAsync("own_burns")).ShouldBe(0);
    }

    [Fact]
    public async Task Burns_of_others_change_nothing()
    {
        await DueAsync(100);
        await BurnsAsync(MarketWorld.RandomKey(), 100 * BaseUnitsPerWh);
        await BurnsAsync(_anna.Wallet, 70 * BaseUnitsPerWh);
        (await BurnsOfMatchesAsync()).ShouldBe([("due", 0)]);
        (await TotalsAsync()).ShouldBe((Due: 100, Burned: 0, Voluntary: 70));
    }

    /// <summary>Settled purchases of a buyer whose key the server does not hold.</summary>
    private async Task DueAsync(params long[] energies)
    {
        foreach (var energy in energies)
        {
            await SettledAsync(energy, async () => await _world.ExecuteAsync(
                "delete from managed_wallets where wallet = @Wallet", new { _boon.Wallet }));
        }
    }

    private async Task SettledAsync(long wh, Func<Task>? beforeSettlement = null)
    {
        await _world.ExecuteAsync(
            """
            insert into managed_wallets (wallet, sealed_seed, master_key, created_at)
            values (@Wallet, @seed, '\x0000000000000000', @Now) on conflict do nothing
            """,
            new { _boon.Wallet, seed = new byte[72], _world.Now });
        _ = await _world.ActiveAskAsync(_anna, wh, 1_000_000, TimeSpan.FromDays(2));
        _ = await _world.ActiveBidAsync(_boon, wh, 1_000_000, TimeSpan.FromDays(2));
        (await _world.MatchAsync()).ShouldBe(1);
        if (beforeSettlement is not null)
        {
            await beforeSettlement();
        }

        await _world.AdvanceAsync(TimeSpan.FromMinutes(15));
        _ = await _world.AnswerAsync();
    }

    private Task BurnsAsync(Key32 wallet, ulong baseUnits) =>
        _world.HappenedAsync(new TokensRetired(wallet.ToPublicKey(), baseUnits, 0));

    private Task<IReadOnlyList<(string Burn, long BurnedWh)>> BurnsOfMatchesAsync() =>
        _world.QueryAsync<(string, long)>(
            "select e.burn, e.burned_wh from match_effects e join matches m on m.id = e.match_id order by m.sequence");

    private async Task<(long Due, long Burned, long Voluntary)> TotalsAsync()
    {
        await using var unit = await Database.BeginAsync(_world.Database, CancellationToken.None);
        var totals = await EffectQueries.TotalsAsync(unit.Transaction, _world.Now, CancellationToken.None);
        return (totals.BurnDueWh, totals.BurnedWh, totals.BurnedVoluntarilyWh);
    }
}

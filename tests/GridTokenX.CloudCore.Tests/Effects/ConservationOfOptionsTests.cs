using System.Data;
using FsCheck;
using FsCheck.Fluent;
using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Tests.Pricing;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Programs.Events;

namespace GridTokenX.CloudCore.Tests.Effects;

/// <summary>Whatever the rules of the zones are: nothing is lost, created, or sold beyond anybody's limit.</summary>
public sealed class ConservationOfOptionsTests
{
    private const int Traders = 4;

    private const string EveryOrder =
        """
        select e.number as epoch, o.side, o.limit_price, o.energy_wh as energy,
               fills.before::bigint as filled_before, fills.after::bigint as filled_after,
               o.expires_at > e.ends_at and (o.closed_at is null or o.closed_at >= e.ends_at) as stays_open
        from epochs e
        join orders o on o.zone = e.zone and o.expires_at > e.starts_at and o.escrowed_at < e.ends_at
        cross join lateral (
            select coalesce(sum(energy_wh) filter (where epoch < e.number), 0) as before,
                   coalesce(sum(energy_wh) filter (where epoch <= e.number), 0) as after
            from matches where o.id in (buy_order, sell_order)) fills
        where e.zone = @zone and e.number = @number
          and (o.closed_at is null or o.closed_at > e.starts_at or fills.after > fills.before)
        order by o.sequence
        """;

    private static readonly string[] Zones = ["bay", "hill"];
    private static readonly Arbitrary<int[]> Flows = Gen.Choose(0, 999_999).ArrayOf(50).ToArbitrary();

    public static TheoryData<string, string, bool, bool, bool, bool> Options => new()
    {
        { "call_auction", "time", false, false, false, false },
        { "call_auction", "pro_rata", true, true, false, true },
        { "call_auction", "pro_rata", false, true, false, false },
        { "continuous", "time", true, true, false, true },
        { "continuous", "time", false, false, true, true },
        { "continuous", "time", true, false, true, false },
        { "exact", "time", true, false, false, true },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public async Task No_flow_of_orders_loses_or_creates_anything(
        string mode, string rationing, bool dynamicPrice, bool gate, bool links, bool burn)
    {
        await using var world = await MarketWorld.StartAsync(
            market: Market(mode, rationing, dynamicPrice, gate, links, burn));
        List<Trader> traders = [];
        for (var i = 0; i < Traders; i++)
        {
            traders.Add(await world.TraderAsync(Zones[i % 2], wh: 50_000, ugrx: 90_000_000));
        }

        var (wh, ugrx) = (world.Chain.TotalWh, world.Chain.TotalUgrx);
        await TradeAsync(world, traders, links);
        Prop.ForAll(Flows, flow =>
        {
#pragma warning disable VSTHRD002 // A property is synchronous.
            PlayAsync(world, traders, flow).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            (world.Chain.EscrowWh, world.Chain.EscrowUgrx, world.Chain.OpenOrders).ShouldBe((0, 0, 0));
            (world.Chain.TotalWh + world.Chain.RetiredWh, world.Chain.TotalUgrx).ShouldBe((wh, ugrx));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5));
        await HoldsAsync(world, links, burn);
        await ReplaysAsync(world);
        await EpochsHaveTheirOrdersAsync(world);
    }

    /// <summary>What is found by indexes is what a look at all orders finds.</summary>
    private static async Task EpochsHaveTheirOrdersAsync(MarketWorld world)
    {
        var found = 0;
        foreach (var (zone, number) in await world.QueryAsync<(string, long)>("select zone, number from epochs"))
        {
            await using var unit = await world.Database.BeginAsync(
                CancellationToken.None, IsolationLevel.RepeatableRead);
            var orders = await EpochRecords.OrdersAsync(unit.Transaction, zone, [number], CancellationToken.None);
            orders.ShouldBe(await unit.Transaction.QueryAsync<EpochOrderRow>(
                EveryOrder, new { zone, number }, CancellationToken.None));
            found += orders.Count;
        }

        found.ShouldBeGreaterThan(20);
    }

    /// <summary>By whatever rules: the journals give the books.</summary>
    private static async Task ReplaysAsync(MarketWorld world)
    {
        foreach (var zone in Zones)
        {
            var outcome = await world.ReplayAsync(zone);
            outcome.Fault.ShouldBeNull();
            outcome.Lines.ShouldBeGreaterThan(20);
        }
    }

    private static MarketOptions Market(
        string mode, string rationing, bool dynamicPrice, bool gate, bool links, bool burn) => new()
        {
            Mode = mode == "exact" ? "continuous" : mode,
            ExactQuantity = mode == "exact",
            Rationing = rationing,
            BatteryGate = gate ? "community" : "off",
            BurnOnSettlement = burn,
            DynamicPrice = new DynamicPriceSettings { Enabled = dynamicPrice, BasePrice = 1.3m },
            Links = links
            ?
            [
                new ZoneLinkSettings
                {
                    From = "hill", To = "bay", WheelingPrice = 0.050001m, LossPpm = 33_333, CapacityKwh = 2,
                },
                new ZoneLinkSettings { From = "bay", To = "hill", LossPpm = 1, CapacityKwh = 3 },
            ]
            : [],
        };

    private static async Task HoldsAsync(MarketWorld world, bool links, bool burn)
    {
        (await world.CountAsync("matches")).ShouldBeGreaterThan(0);
        (await NoneAsync("matches m join orders b on b.id = m.buy_order join orders a on a.id = m.sell_order "
            + "where m.price > b.limit_price or m.price < a.limit_price or a.owner_id = b.owner_id")).ShouldBeTrue();
        (await NoneAsync("orders where filled_wh <> settled_wh + failed_wh or escrow not in ('closed', 'refused')"))
            .ShouldBeTrue();
        (await NoneAsync("epochs e where auction_price is not null and exists (select from matches m "
            + "join orders b on b.id = m.buy_order where m.zone = e.zone and m.epoch = e.number "
            + "and b.target_order is null and m.price <> e.auction_price)")).ShouldBeTrue();
        (await NoneAsync("matches m where not exists (select from match_effects e where e.match_id = m.id)"))
            .ShouldBeTrue();
        (await NoneAsync("match_effects e join settlements s on s.match_id = e.match_id "
            + "where e.status <> case s.status when 'completed' then 'settled' else 'void' end")).ShouldBeTrue();
        (await NoneAsync("settlements where status = 'pending'")).ShouldBeTrue();
        (await NoneAsync("epochs where status = 'cleared'")).ShouldBeTrue();

        // All that a buyer of another zone pays is within his limit for what arrives.
        (await NoneAsync("matches_across a join matches m on m.id = a.match_id join orders b on b.id = m.buy_order "
            + "where m.value_ugrx + a.wheeling_ugrx > div(b.limit_price::numeric * a.arriving_wh, 1000) "
            + "or m.buyer_share_ugrx - m.value_ugrx < a.wheeling_ugrx or a.arriving_wh + a.lost_wh <> m.energy_wh"))
            .ShouldBeTrue();
        (await world.CountAsync("matches_across") > 0).ShouldBe(links);
        (await world.OneAsync<long>("select coalesce(sum(burn_wh), 0)::bigint from match_effects "
            + "where burn = 'retired'")).ShouldBe(world.Chain.RetiredWh);
        (world.Chain.RetiredWh > 0).ShouldBe(burn);
        var (allotted, fees) = await world.OneAsync<(long, long)>(
            """
            select (select coalesce(sum(allotted_ugrx), 0)::bigint from yields),
                   (select coalesce(sum(fee_ugrx), 0)::bigint from settlements where status = 'completed')
            """);
        allotted.ShouldBeLessThanOrEqualTo(fees);
        fees.ShouldBe(world.Chain.FeesUgrx);

        async Task<bool> NoneAsync(string from) => await world.OneAsync<long>($"select count(*) from {from}") == 0;
    }

    /// <summary>What trades by whatever rules: chance alone now and then brings no two orders together.</summary>
    private static async Task TradeAsync(MarketWorld world, List<Trader> traders, bool links)
    {
        await OpenGatesAsync(world, traders);
        _ = await world.ActiveAskAsync(traders[0], 500, 1_000_000);
        _ = await world.ActiveBidAsync(traders[2], 500, 5_000_000);
        await world.RunAsync();
        if (links)
        {
            // In the bay nobody offers anything any more.
            _ = await world.ActiveAskAsync(traders[1], 500, 1_000_000);
            _ = await world.ActiveBidAsync(traders[2], 300, 5_000_000);
            await world.RunAsync();
        }

        await world.EndAsync();
    }

    private static async Task OpenGatesAsync(MarketWorld world, List<Trader> traders)
    {
        foreach (var trader in traders)
        {
            await PriceWorkerTests.ReadAsync(world, trader, 500);
        }
    }

    private static async Task PlayAsync(MarketWorld world, List<Trader> traders, int[] flow)
    {
        await OpenGatesAsync(world, traders);
        foreach (var step in flow)
        {
            await StepAsync(world, traders[step % Traders], step / Traders);
        }

        await world.EndAsync();
    }

    private static async Task StepAsync(MarketWorld world, Trader trader, int choice)
    {
        // Few quantities, so that equal ones meet too.
        var energy = 100 * (1 + (choice / 10 % 5));
        var price = 1_000_000 + (choice / 50 % 11 * 100_003);
        switch (choice % 10)
        {
            case 0 or 1 or 2:
                _ = await world.SellAsync(trader, energy, price);
                break;
            case 3 or 4 or 5:
                _ = await world.BuyAsync(trader, energy, price + 600_001);
                break;
            case 6:
                await PriceWorkerTests.ReadAsync(world, trader, 150 + (choice / 10 % 800));
                break;
            case 7:
                await CloseAnyAsync(world, trader, choice);
                break;
            case 8:
                _ = await world.AnswerAsync(1 + (choice / 10 % 9));
                break;
            default:
                await world.AdvanceAsync(TimeSpan.FromMinutes(choice / 10 % 11));
                break;
        }
    }

    /// <summary>The owner withdraws an order here, or on chain past us, whatever it is matched with.</summary>
    private static async Task CloseAnyAsync(MarketWorld world, Trader trader, int choice)
    {
        var open = await world.QueryAsync<(Guid Id, long ChainId)>(
            "select id, chain_order_id from orders where owner_id = @Id and escrow = 'held' order by sequence limit 5",
            new { trader.Id });
        if (open.Count == 0)
        {
            return;
        }

        var (id, chainId) = open[choice / 10 % open.Count];
        if (choice / 100 % 3 == 0)
        {
            await world.HappenedAsync(world.Chain.Close(trader.Wallet, (ulong)chainId, OrderClosingReason.Cancelled));
        }
        else
        {
            _ = await world.CancelAsync(trader, id);
        }
    }
}

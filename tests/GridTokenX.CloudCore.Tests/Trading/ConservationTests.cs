using FsCheck;
using FsCheck.Fluent;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Programs.Events;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// Whatever people do, in whatever order the chain answers: in the end all escrow has gone somewhere, to the last
/// unit.
/// </summary>
public sealed class ConservationTests
{
    private const int Traders = 4;

    private static readonly Arbitrary<int[]> Flows = Gen.Choose(0, 999_999).ArrayOf(60).ToArbitrary();

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public async Task No_flow_of_orders_loses_or_creates_energy_or_money(int matchSeconds)
    {
        await using var world = await MarketWorld.StartAsync(new TradingOptions
        {
            EscrowWait = TimeSpan.Zero,
            MatchInterval = TimeSpan.FromSeconds(matchSeconds),
        });
        var traders = await TradersAsync(world);

        var (wh, ugrx) = (world.Chain.TotalWh, world.Chain.TotalUgrx);
        _ = await TradeInPartAsync(world, traders);
        await world.EndAsync();
        Prop.ForAll(Flows, flow =>
        {
#pragma warning disable VSTHRD002 // A property is synchronous.
            PlayAsync(world, traders, flow).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            world.Chain.EscrowWh.ShouldBe(0);
            world.Chain.EscrowUgrx.ShouldBe(0);
            world.Chain.TotalWh.ShouldBe(wh);
            world.Chain.TotalUgrx.ShouldBe(ugrx);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(12));
        (await world.CountAsync("matches")).ShouldBeGreaterThan(0);
        (await world.OneAsync<long>("select count(*) from orders where filled_wh between 1 and energy_wh - 1"))
            .ShouldBeGreaterThan(0);
        (await world.OneAsync<long>("select count(*) from settlements where status <> 'completed'")).ShouldBe(0);
        (await world.OneAsync<long>("select count(*) from orders where settled_wh <> filled_wh")).ShouldBe(0);
        (await world.OneAsync<long>("select sum(fee_ugrx)::bigint from settlements")).ShouldBe(world.Chain.FeesUgrx);
        (await world.OneAsync<long>("select count(*) from orders where escrow not in ('closed', 'refused')"))
            .ShouldBe(0);
    }

    [Fact]
    public async Task Owners_who_take_orders_back_on_chain_cost_nobody_anything()
    {
        await using var world = await MarketWorld.StartAsync();
        var traders = await TradersAsync(world);

        var (wh, ugrx) = (world.Chain.TotalWh, world.Chain.TotalUgrx);
        _ = await TradeInPartAsync(world, traders);
        await world.EndAsync();
        var ask = await world.OrderAsync(await TradeInPartAsync(world, traders));
        await world.HappenedAsync(world.Chain.Close(
            traders[0].Wallet, (ulong)ask.ChainOrderId, OrderClosingReason.Cancelled));
        await world.EndAsync();
        Prop.ForAll(Flows, flow =>
        {
#pragma warning disable VSTHRD002 // A property is synchronous.
            TakeBackAsync(world, traders, flow).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            (world.Chain.EscrowWh, world.Chain.EscrowUgrx, world.Chain.OpenOrders).ShouldBe((0, 0, 0));
            (world.Chain.TotalWh, world.Chain.TotalUgrx).ShouldBe((wh, ugrx));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(8));
        (await world.OneAsync<long>("select count(*) from settlements where status = 'failed'")).ShouldBeGreaterThan(0);
        (await world.OneAsync<long>("select count(*) from settlements where status = 'completed'"))
            .ShouldBeGreaterThan(0);
        (await world.OneAsync<long>("select count(*) from settlements where status = 'pending'")).ShouldBe(0);
        (await world.OneAsync<long>("select count(*) from orders where settled_wh + failed_wh <> filled_wh"))
            .ShouldBe(0);
        (await world.OneAsync<long>("select count(*) from epochs where status = 'cleared'")).ShouldBe(0);
        (await world.OneAsync<long>("select count(*) from orders where escrow not in ('closed', 'refused')"))
            .ShouldBe(0);
    }

    [Fact]
    public async Task Everything_at_once_loses_nothing_either()
    {
        await using var world = await MarketWorld.StartAsync();
        List<Trader> traders = [];
        for (var i = 0; i < Traders; i++)
        {
            traders.Add(await world.TraderAsync(wh: 1_000_000, ugrx: 5_000_000_000));
        }

        var (wh, ugrx) = (world.Chain.TotalWh, world.Chain.TotalUgrx);
        var ended = false;
        var workers = new[]
        {
            Task.Run(() => RepeatAsync(world.MatchAsync)),
            Task.Run(() => RepeatAsync(world.MatchAsync)),
            Task.Run(() => RepeatAsync(() => world.AnswerAsync(7))),
            Task.Run(() => RepeatAsync(() => world.Clearing.RunOnceAsync(CancellationToken.None))),
            Task.Run(() => RepeatAsync(() => world.Expiry.RunOnceAsync(CancellationToken.None))),
        };
        await Task.WhenAll(traders.Select((trader, number) => Task.Run(async () =>
        {
            // However busy the machine is, some of them trade.
            for (var i = 0; i < 60 || (number == 1 && i < 5_000 && await world.CountAsync("matches") <= 10); i++)
            {
                await StepAsync(world, trader, (((i * 7) + number) % 8) + (((i * 131) + (number * 17)) * 10));
                if (number == 0 && i % 10 == 9)
                {
                    world.Time.Advance(TimeSpan.FromMinutes(4));
                }
            }
        })));
        ended = true;
        await Task.WhenAll(workers);
        await PlayAsync(world, traders, []);
        (world.Chain.EscrowWh, world.Chain.EscrowUgrx).ShouldBe((0, 0));
        (world.Chain.TotalWh, world.Chain.TotalUgrx).ShouldBe((wh, ugrx));
        (await world.CountAsync("matches")).ShouldBeGreaterThan(10);
        (await world.OneAsync<long>("select count(*) from settlements where status <> 'completed'")).ShouldBe(0);
        (await world.OneAsync<long>("select count(*) from chain_outbox where status not in ('confirmed', 'refused')"))
            .ShouldBe(0);

        async Task RepeatAsync(Func<Task<int>> work)
        {
            while (!Volatile.Read(ref ended))
            {
                _ = await work();
                await Task.Yield();
            }
        }
    }

    private static async Task<List<Trader>> TradersAsync(MarketWorld world)
    {
        List<Trader> traders = [];
        for (var i = 0; i < Traders; i++)
        {
            traders.Add(await world.TraderAsync(wh: 20_000, ugrx: 50_000_000));
        }

        return traders;
    }

    /// <summary>An ask that is filled in part, whatever chance brings later.</summary>
    private static async Task<Guid> TradeInPartAsync(MarketWorld world, List<Trader> traders)
    {
        var ask = await world.ActiveAskAsync(traders[0], 1_000, 1_000_000);
        _ = await world.ActiveBidAsync(traders[1], 400, 1_000_000);
        (await world.MatchAsync()).ShouldBeGreaterThan(0);
        return ask;
    }

    private static async Task PlayAsync(MarketWorld world, List<Trader> traders, int[] flow)
    {
        foreach (var step in flow)
        {
            await StepAsync(world, traders[step % Traders], step / Traders);
        }

        await world.EndAsync();
    }

    /// <summary>Now and then an owner closes the oldest order of his that is on chain, whatever it is matched with.
    /// </summary>
    private static async Task TakeBackAsync(MarketWorld world, List<Trader> traders, int[] flow)
    {
        foreach (var step in flow)
        {
            var trader = traders[step % Traders];
            await StepAsync(world, trader, step / Traders);
            var held = step % 7 == 0
                ? await world.QueryAsync<long>(
                    """
                    select chain_order_id from orders where owner_id = @Id and escrow in ('held', 'releasing')
                    order by (status = 'filled') desc, sequence limit 1
                    """,
                    new { trader.Id })
                : [];
            if (held.Count > 0)
            {
                await world.HappenedAsync(world.Chain.Close(
                    trader.Wallet, (ulong)held[0], OrderClosingReason.Cancelled));
            }
        }

        await PlayAsync(world, traders, []);
    }

    private static async Task StepAsync(MarketWorld world, Trader trader, int choice)
    {
        var energy = 1 + (choice / 10 % 3_000);
        var price = 1_000_000 + (choice / 10 % 11 * 100_003);
        switch (choice % 10)
        {
            case 0 or 1 or 2:
                _ = await world.SellAsync(trader, energy, price);
                break;
            case 3 or 4 or 5:
                _ = await world.BuyAsync(trader, energy, price + 200_001);
                break;
            case 6:
                await TakeAnyAsync(world, trader, energy);
                break;
            case 7:
                await CancelAnyAsync(world, trader, choice);
                break;
            case 8:
                _ = await world.AnswerAsync(1 + (choice / 10 % 5));
                break;
            default:
                await world.AdvanceAsync(TimeSpan.FromMinutes(choice / 10 % 7));
                break;
        }
    }

    private static async Task TakeAnyAsync(MarketWorld world, Trader trader, int energy)
    {
        var asks = await world.QueryAsync<Guid>(
            """
            select id from orders where side = 'sell' and status in ('active', 'partially_filled')
            order by sequence limit 1
            """);
        if (asks.Count > 0)
        {
            _ = await world.TakeAsync(trader, asks[0], energy);
        }
    }

    private static async Task CancelAnyAsync(MarketWorld world, Trader trader, int choice)
    {
        var open = await world.QueryAsync<Guid>(
            """
            select id from orders where owner_id = @Id and status in ('pending', 'active', 'partially_filled')
            order by sequence
            """,
            new { trader.Id });
        if (open.Count > 0)
        {
            _ = await world.CancelAsync(trader, open[choice / 10 % open.Count]);
        }
    }
}

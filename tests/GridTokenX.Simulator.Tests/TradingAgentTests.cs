using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Simulator.Trading;

namespace GridTokenX.Simulator.Tests;

public sealed class TradingAgentTests
{
    private static readonly Outlook Sunny = new(2_000, 100, 5_000, 50_000_000, 4_000);
    private static readonly Outlook Dark = new(0, 300, 0, 50_000_000, 0);

    [Fact]
    public void The_same_seed_and_outlooks_give_the_same_decisions()
    {
        Play(seed: 3, home: 1).ShouldBe(Play(seed: 3, home: 1));
        Play(seed: 3, home: 1).ShouldNotBe(Play(seed: 4, home: 1));
        Play(seed: 3, home: 1).ShouldNotBe(Play(seed: 3, home: 2));

        static List<Decision> Play(long seed, int home)
        {
            var agent = new TradingAgent(seed, home, isProsumer: true);
            return [.. Enumerable.Range(0, 96).Select(quarter => agent.Decide(quarter % 2 == 0 ? Sunny : Dark))];
        }
    }

    [Fact]
    public void A_prosumer_with_surplus_sells()
    {
        var order = new TradingAgent(1, 1, isProsumer: true).Decide(Sunny).Order.ShouldNotBeNull();
        order.Sells.ShouldBeTrue();
    }

    [Fact]
    public void A_home_in_deficit_buys_or_takes()
    {
        var agent = new TradingAgent(1, 2, isProsumer: false);
        var decisions = Enumerable.Range(0, 200).Select(_ => agent.Decide(Dark)).ToList();
        decisions.ShouldAllBe(static decision => decision.Order.HasValue || decision.TakesListed > 0);
        decisions.ShouldContain(static decision => decision.TakesListed > 0);
        decisions.ShouldContain(static decision => decision.CancelsLast);
    }

    [Fact]
    public void Some_orders_cross_and_some_do_not()
    {
        var seller = new TradingAgent(1, 1, isProsumer: true);
        var buyer = new TradingAgent(1, 2, isProsumer: false);
        var crossings = Enumerable.Range(0, 200)
            .Select(_ => (Ask: seller.Decide(Sunny).Order, Bid: buyer.Decide(Dark).Order))
            .Where(static pair => pair is { Ask: not null, Bid: not null })
            .Select(static pair => pair.Bid!.Value.PriceUgrx >= pair.Ask!.Value.PriceUgrx)
            .ToList();
        crossings.ShouldContain(true);
        crossings.ShouldContain(false);
    }

    [Fact]
    public void No_order_is_beyond_what_the_home_has()
    {
        var outlooks =
            from produced in Gen.Choose(0, 3_000)
            from consumed in Gen.Choose(0, 3_000)
            from grid in Gen.Choose(0, 20_000)
            from money in Gen.Choose(0, 3_000_000)
            from battery in Gen.Choose(0, 10_000)
            select new Outlook(produced, consumed, grid, money, battery);
        Prop.ForAll(outlooks.ToArbitrary(), Gen.Choose(0, 1_000).ToArbitrary(), static (outlook, seed) =>
        {
            var order = new TradingAgent(seed, 1, isProsumer: true).Decide(outlook).Order;
            if (order is { Sells: true } sale)
            {
                sale.EnergyWh.ShouldBeInRange(TradingAgent.LeastWh, Math.Min(outlook.GridWh, outlook.BatteryWh));
            }
            else if (order is { } purchase)
            {
                purchase.EnergyWh.ShouldBeGreaterThanOrEqualTo(TradingAgent.LeastWh);
                purchase.EscrowUgrx.ShouldBeLessThanOrEqualTo(outlook.MoneyUgrx);
            }
        }).QuickCheckThrowOnFailure();
    }
}

using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Scenarios;
using GridTokenX.Protocol.Api;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Running;
using GridTokenX.Simulator.Scenarios;
using GridTokenX.Simulator.Simulate;

namespace GridTokenX.Simulator.Tests.Scenarios;

public sealed class ScenarioLifeTests
{
    private static readonly Scenario Scenario = ScenarioReader.Read(
        """
        name: All devices
        start: 2026-04-06
        days: 2
        seed: 5
        site: bangkok
        market: { rule: call_auction }
        prices: { feed_in: 2.2, retail: { on_peak: 5.8, off_peak: 2.64 }, base: 3 }
        homes:
          - name: full
            count: 3
            pv: { peak_kw: 6 }
            wind: { rated_kw: 3 }
            battery: { capacity_kwh: 8 }
            vehicle: { charging: surplus }
            climate: { mode: both }
          - { name: trader, count: 1, pv: { peak_kw: 8 }, battery: { capacity_kwh: 8 }, agent: arbitrage }
          - { name: roof, count: 1, pv: { peak_kw: 4 }, agent: time_pressure, forecast: naive }
          - { name: families, count: 3, agent: { price_taker: 1, zero_intelligence: 1 }, forecast: perfect }
        """,
        "all.yaml");

    [Fact]
    public void Batteries_store_what_those_of_market_mode_store()
    {
        var calm = Scenario with { Groups = [.. Scenario.Groups.Where(static group => group.Name != "trader")] };
        var life = Life(calm);
        var run = new MarketRun(calm, static _ => throw new InvalidOperationException());
        long stored = life.StoredAtFirst.Sum();
        stored.ShouldBe(run.StoredAtStart);
        for (var quarter = 0; quarter < calm.Epochs; quarter++)
        {
            run.Step();
            for (var home = 0; home < calm.Homes; home++)
            {
                var (flows, lived) = (run.Flows[home], life.At(home, quarter));
                (lived.Generated, lived.Drawn, lived.Stored).ShouldBe(
                    ((int)flows.Generation, (int)flows.Consumption, (int)(flows.Charge - flows.Discharge)));
                stored += lived.Stored;
            }

            stored.ShouldBe(run.Rows[quarter].Stored);
        }
    }

    [Fact]
    public void Expectations_are_the_orders_of_market_mode()
    {
        var calm = Scenario with { Groups = [.. Scenario.Groups.Where(static group => group.Name != "trader")] };
        var life = Life(calm);
        var run = new MarketRun(calm, static _ => throw new InvalidOperationException());
        for (var quarter = 0; quarter < calm.Epochs; quarter++)
        {
            run.Step();
            var expected = Enumerable.Range(0, calm.Homes)
                .Select(home => (long)life.At(home, quarter).Expected)
                .ToList();
            expected.Where(static wh => wh > 0).Sum().ShouldBe(run.Rows[quarter].Asks);
            expected.Where(static wh => wh < 0).Sum().ShouldBe(-run.Rows[quarter].Bids);
        }
    }

    [Fact]
    public void A_home_may_be_asked_in_any_order_and_lives_once()
    {
        var (first, second) = (Life(Scenario), Life(Scenario));
        var late = first.At(2, 40);
        first.At(0, 7).ShouldBe(second.At(0, 7));
        second.At(2, 40).ShouldBe(late);
        Should.Throw<ArgumentOutOfRangeException>(() => first.At(0, Scenario.Epochs));
    }

    [Fact]
    public void Prices_of_the_real_market_decide_what_a_battery_on_arbitrage_does()
    {
        Life(Scenario).FollowsPrices.ShouldBeTrue();
        var (dear, cheap) = (Traded(5_700_000), Traded(2_250_000));
        dear.ShouldNotBe(cheap);
        Traded(5_700_000).ShouldBe(dear);

        static List<Lived> Traded(long price)
        {
            var life = Life(Scenario);
            for (var quarter = 0; quarter < Scenario.Epochs; quarter++)
            {
                _ = life.At(3, quarter);
                var value = (quarter % 96 > 70 ? price : 2_640_000) * 2;
                life.Learn(quarter, 0, new ZoneSums
                {
                    Bids = 5_000,
                    Asks = 3_000,
                    Bought = 2_000,
                    Sold = 2_000,
                    Paid = value,
                    Earned = value,
                });
            }

            return [.. Enumerable.Range(0, Scenario.Epochs).Select(quarter => life.At(3, quarter))];
        }
    }

    [Fact]
    public void Sums_of_an_epoch_are_the_cloud_cores()
    {
        var view = new EpochView(
            202606010800, "zone-1", default, default, "settled", 3.5m, 1.2m, 3, 3.6m, 3.4m, 0);
        PriceFeed.SumsOf(new Offered(4_000, 2_000, 500), view).ShouldBe(new ZoneSums
        {
            Bids = 4_000,
            Asks = 2_000,
            Bought = 1_200,
            Sold = 1_200,
            Paid = 4_200_000,
            Earned = 4_200_000,
            SoldByBatteries = 300,
        });
        PriceFeed.SumsOf(new Offered(4_000, 0, 0), epoch: null).ShouldBe(new ZoneSums { Bids = 4_000 });
    }

    [Fact]
    public void What_came_over_a_link_was_bought_where_it_arrived()
    {
        var link = new LinkView("hill", "bay", null, 3, 5_000, 250, 12_000_000, 900_000);
        var now = link with { SentWh = 6_000, LostWh = 300, ValueUgrx = 15_000_000, WheelingUgrx = 1_090_000 };
        var sums = new ZoneSums { Bought = 1_500, Sold = 1_500, Paid = 4_500_000, Earned = 4_500_000 };
        PriceFeed.WithLinks(sums, "hill", [link], [now]).ShouldBe(
            sums with { Bought = 500, Paid = 1_500_000 });
        PriceFeed.WithLinks(sums, "bay", [link], [now]).ShouldBe(
            sums with { Bought = 2_450, Paid = 7_690_000 });
        PriceFeed.WithLinks(sums, "bay", [], [link]).Bought.ShouldBe(6_250);
        PriceFeed.WithLinks(sums, "isle", [link], [now]).ShouldBe(sums);
    }

    [Fact]
    public void Who_is_granted_money_can_pay_all_his_energy_at_the_utilitys_price()
    {
        var plan = ScenarioHomes.Plan(Scenario, ScenarioFiles.PathOf("village"), playsFaults: true);
        for (var home = 0; home < plan.Homes.Count; home++)
        {
            var series = plan.Homes[home].Load;
            var drawn = Enumerable.Range(0, plan.Quarters).Sum(series.MicrowattSeconds) / 3_600_000_000;
            plan.Homes[home].GrantUgrx.ShouldNotBeNull().ShouldBeGreaterThan(drawn * 5_800);
        }

        plan.Homes.Select(static home => home.Agent!.Name).Distinct().ShouldBe(
            ["truthful", "arbitrage", "time_pressure", "price_taker", "zero_intelligence"], ignoreOrder: true);
    }

    private static ScenarioLife Life(Scenario scenario) =>
        new(scenario, static _ => throw new InvalidOperationException());
}

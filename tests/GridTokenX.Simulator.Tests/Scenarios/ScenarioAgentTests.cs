using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Community.Agents;
using GridTokenX.Community.Scenarios;
using GridTokenX.Market.Matching;
using GridTokenX.Simulator.Scenarios;
using GridTokenX.Simulator.Simulate;
using GridTokenX.Simulator.Trading;

namespace GridTokenX.Simulator.Tests.Scenarios;

public sealed class ScenarioAgentTests
{
    private const int Noon = 48;
    private const long Rich = 1_000_000_000_000;

    private static readonly Scenario Village =
        ScenarioFiles.Load(ScenarioFiles.PathOf("village")) with { Days = 1 };

    private readonly ScenarioLife _life = new(Village, static _ => throw new InvalidOperationException());

    [Fact]
    public void It_offers_what_it_expects_at_the_limit_of_market_mode()
    {
        foreach (var home in Enumerable.Range(0, Village.Homes))
        {
            var lived = _life.At(home, Noon);
            var order = Agent(home, hasBattery: false).Decide(Outlook(Noon, Rich, Rich, 0)).Order;
            if (lived.Expected == 0)
            {
                order.ShouldBeNull();
                continue;
            }

            var placed = order.ShouldNotBeNull();
            (placed.Sells, placed.EnergyWh).ShouldBe((lived.Expected > 0, Math.Abs(lived.Expected)));
            Math.Abs(placed.PriceUgrx - _life.LimitOf(home, Noon, lived).Limit).ShouldBeLessThan(1_000);
            (placed.PriceUgrx % 1_000).ShouldBe(home + 1);
        }
    }

    [Fact]
    public void It_sells_no_more_than_the_GRID_it_has_and_its_battery_gives()
    {
        var seller = Enumerable.Range(0, Village.Homes).First(home => _life.At(home, Noon).Expected > 200);
        Sale(hasBattery: false, grid: 70, battery: 0).ShouldBe(70);
        Sale(hasBattery: true, grid: 70, battery: 40).ShouldBe(40);
        Agent(seller, hasBattery: true).Decide(Outlook(Noon, 70, Rich, 0)).ShouldBe(default);

        long Sale(bool hasBattery, long grid, long battery) =>
            Agent(seller, hasBattery).Decide(Outlook(Noon, grid, Rich, battery)).Order.ShouldNotBeNull().EnergyWh;
    }

    [Fact]
    public void It_bids_no_more_than_it_can_pay()
    {
        var buyer = Enumerable.Range(0, Village.Homes).First(home => _life.At(home, 4).Expected < -50);
        var order = Agent(buyer, hasBattery: false).Decide(Outlook(4, 0, 100_000, 0)).Order.ShouldNotBeNull();
        order.Sells.ShouldBeFalse();
        order.EscrowUgrx.ShouldBeInRange(90_000, 100_000);
    }

    [Fact]
    public void Nobody_trades_for_the_quarter_hour_after_the_last_and_the_days_come_again()
    {
        var home = Enumerable.Range(0, Village.Homes).First(home => _life.At(home, 5).Expected != 0);
        var agent = Agent(home, hasBattery: false);
        agent.Decide(Outlook(Village.Epochs, Rich, Rich, 0)).ShouldBe(default);
        agent.Decide(Outlook(Village.Epochs + 5, Rich, Rich, 0)).ShouldBe(agent.Decide(Outlook(5, Rich, Rich, 0)));
    }

    [Fact]
    public void Own_prices_differ_from_each_other_and_stay_between_the_utilitys()
    {
        var cases =
            from limit in Gen.Choose(2_200_000, 4_420_000)
            from number in Gen.Choose(1, 1_000)
            from sells in Gen.Elements(true, false)
            select (limit, number, sells);
        Prop.ForAll(cases.ToArbitrary(), static one =>
        {
            var stance = new Stance(one.sells ? Side.Ask : Side.Bid, one.limit, 2_200_000, 4_420_000);
            var price = ScenarioAgent.OwnPrice(one.limit, stance, one.sells, one.number);
            price.ShouldBeInRange(2_200_000, 4_420_000);
            (price % 1_000).ShouldBe(one.number % 1_000);
            Math.Abs(price - one.limit).ShouldBeLessThan(1_000);
        }).QuickCheckThrowOnFailure();
    }

    private ScenarioAgent Agent(int home, bool hasBattery) => new(_life, home, hasBattery);

    private static Outlook Outlook(int quarter, long grid, long money, long battery) =>
        new(0, 0, grid, money, battery, quarter);
}

using GridTokenX.Community.Devices;
using GridTokenX.Community.MarketMode;

namespace GridTokenX.Community.Tests.MarketMode;

/// <summary>A home that needs 100 Wh in each quarter hour from 9 to 22, when the utility takes 6, not 3.</summary>
public sealed class ArbitragePlanTests
{
    private const int PeakFrom = 36;
    private const int PeakTo = 88;
    private const long OnPeak = 6_000_000;
    private const long OffPeak = 3_000_000;
    private const long FeedIn = 2_000_000;

    private static readonly BatteryOptions Options = new(10_000, 4_000, 0.9, BatteryStrategy.Arbitrage);

    [Fact]
    public void Cheap_night_buys_what_the_dear_day_will_need_evenly()
    {
        var (plan, prices, battery) = (Plan(), Prices(), new Battery(Options, 0));
        long most = 0;
        long bought = 0;
        for (var quarter = PeakTo; quarter < 96 + PeakFrom; quarter++)
        {
            prices.Look(quarter % 96, Retail(quarter));
            var order = plan.Decide(battery, prices, quarter % 96, 0);
            order.ExportWh.ShouldBe(0);
            bought += battery.Run(order.Wanted(0), order.KeepWh).AcWh;
            most = Math.Max(most, order.ImportWh);
        }

        // 52 quarter hours of 100 Wh; 44 quarter hours of night; a tenth is lost on the way and back.
        ((double)battery.StoredWh).ShouldBe(5_200 / Math.Sqrt(0.9), 60);
        ((double)bought).ShouldBe(5_200 / 0.9, 60);
        most.ShouldBeLessThan(140);
    }

    [Fact]
    public void Dear_day_covers_own_need_and_buys_nothing()
    {
        var (plan, prices, battery) = (Plan(), Prices(), new Battery(Options, 3_000));
        prices.Look(PeakFrom, Retail(PeakFrom));
        var order = plan.Decide(battery, prices, PeakFrom, 0);
        order.Wanted(-100).ShouldBe(-100);
        battery.Foresee(order.Wanted(-100), order.KeepWh).AcWh.ShouldBe(-100);
    }

    [Fact]
    public void Night_keeps_what_the_day_will_need_and_no_more()
    {
        var (plan, prices, battery) = (Plan(), Prices(), new Battery(Options, 9_000));
        prices.Look(PeakTo, Retail(PeakTo));
        var order = plan.Decide(battery, prices, PeakTo, 0);
        order.ImportWh.ShouldBe(0);
        ((double)order.KeepWh).ShouldBe(5_200 / Math.Sqrt(0.9), 60);
    }

    [Fact]
    public void Flat_prices_give_no_orders()
    {
        var plan = Plan();
        var prices = new PriceMemory(OffPeak);
        prices.Look(PeakTo, [.. Enumerable.Repeat(OffPeak, 96)]);
        plan.Decide(new Battery(Options, 0), prices, PeakTo, 1_000).ShouldBe(default);
        plan.Decide(new Battery(Options, 9_000), prices, PeakTo, 1_000).ShouldBe(default);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public void Dear_evening_sells_what_is_spare_as_far_as_neighbours_have_room(long shareWh)
    {
        var (plan, prices, battery) = (Plan(), Prices(), new Battery(Options, 9_000));
        prices.Look(PeakTo - 1, Retail(PeakTo - 1));
        plan.Decide(battery, prices, PeakTo - 1, shareWh).ExportWh.ShouldBe(shareWh);
        var noneSpare = new Battery(Options, 50);
        plan.Decide(noneSpare, prices, PeakTo - 1, shareWh).ExportWh.ShouldBe(0);
    }

    [Fact]
    public void First_day_is_spent_learning()
    {
        var prices = Prices();
        prices.Look(PeakTo, Retail(PeakTo));
        new ArbitragePlan().Decide(new Battery(Options, 0), prices, PeakTo, 1_000).ShouldBe(default);
    }

    private static ArbitragePlan Plan()
    {
        var plan = new ArbitragePlan();
        for (var quarter = 0; quarter < 96; quarter++)
        {
            plan.Learn(quarter, IsPeak(quarter) ? -100 : 0);
        }

        return plan;
    }

    /// <summary>In the day all want to buy and none sells, at night there are both.</summary>
    private static PriceMemory Prices()
    {
        var prices = new PriceMemory(OffPeak);
        for (var day = 0; day < 60; day++)
        {
            for (var quarter = 0; quarter < 96; quarter++)
            {
                var sums = new ZoneSums { Bids = 1_000, Asks = IsPeak(quarter) ? 0 : 1_000 };
                prices.Learn(quarter, sums, IsPeak(quarter) ? OnPeak : OffPeak, FeedIn);
            }
        }

        return prices;
    }

    private static long[] Retail(int from) =>
        [.. Enumerable.Range(from, 96).Select(static quarter => IsPeak(quarter % 96) ? OnPeak : OffPeak)];

    private static bool IsPeak(int quarter) => quarter is >= PeakFrom and < PeakTo;
}

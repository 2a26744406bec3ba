using GridTokenX.Market.Pricing;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Pricing;

public sealed class PricingTests
{
    private const int Noon = 12 * 4;
    private static readonly DynamicPrice Dynamic = new() { Base = new PricePerKwh(4_000_000) };

    [Theory]
    [InlineData(0, 1_200)]
    [InlineData(250, 1_100)]
    [InlineData(499, 1_000)]
    [InlineData(500, 1_000)]
    [InlineData(501, 999)]
    [InlineData(1_000, 800)]
    public void Full_batteries_make_energy_cheap(int soc, int factor) =>
        Dynamic.SocFactor(soc).Value.ShouldBe(factor);

    [Theory]
    [InlineData(0, 0, 1_000)]
    [InlineData(1_000, 0, 1_300)]
    [InlineData(0, 1_000, 700)]
    [InlineData(2_000, 1_000, 1_100)]
    [InlineData(1_000, 2_000, 900)]
    [InlineData(3, 4, 957)]
    public void Demand_makes_energy_dear(long demand, long supply, int factor) =>
        Dynamic.LoadFactor(new(demand), new(supply)).Value.ShouldBe(factor);

    [Theory]
    [InlineData(35, 850)]
    [InlineData(36, 1_150)]
    [InlineData(87, 1_150)]
    [InlineData(88, 850)]
    public void Time_of_use_has_its_peak_from_nine_to_ten(int quarter, int factor) =>
        Dynamic.TimeFactor(quarter).Value.ShouldBe(factor);

    [Fact]
    public void Price_is_the_product_rounded_down_once() =>
        new DynamicPrice { Base = new PricePerKwh(3_333_333) }.Of(250, new(2), new(1), Noon)
            .Value.ShouldBe(4_638_332); // 3333333 × 1.1 × 1.1 × 1.15 = 4638332.8…

    [Fact]
    public void Without_batteries_the_state_of_charge_says_nothing() =>
        Dynamic.Of(null, new(0), new(0), Noon).Value.ShouldBe(4_600_000);

    [Fact]
    public void Factors_keep_within_their_bounds()
    {
        var steep = Dynamic with { SocSlope = 9_999, LoadSlope = 1_000_000, LoadMost = new(1_000_000) };
        steep.SocFactor(0).Value.ShouldBe(1_200);
        steep.SocFactor(1_000).Value.ShouldBe(800);
        steep.LoadFactor(new(1), new(0)).ShouldBe(DynamicPrice.Most);
    }

    [Fact]
    public void Price_stays_between_feed_in_and_retail()
    {
        var band = new PriceBand(new PricePerKwh(2_200_000), new PricePerKwh(4_180_000));
        var price = Dynamic with { Band = band };
        price.Of(0, new(1), new(0), Noon).ShouldBe(band.Retail!.Value);
        (price with { Base = new PricePerKwh(1) }).Of(0, new(1), new(0), Noon).ShouldBe(band.FeedIn!.Value);
        new PriceBand(null, null).Clamp(new PricePerKwh(7)).Value.ShouldBe(7);
    }

    [Fact]
    public void Band_upside_down_is_refused() => Should.Throw<InvalidOperationException>(
        () => new PriceBand(new PricePerKwh(2), new PricePerKwh(1)).Clamp(new PricePerKwh(1)));

    [Fact]
    public void Mean_state_of_charge_leaves_out_devices_without_battery()
    {
        CommunityStateOfCharge.Mean([100, 301, CommunityStateOfCharge.NoBattery]).ShouldBe(200);
        CommunityStateOfCharge.Mean([CommunityStateOfCharge.NoBattery]).ShouldBeNull();
        Should.Throw<ArgumentOutOfRangeException>(() => CommunityStateOfCharge.Mean([1_001]));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(199, false)]
    [InlineData(200, true)]
    public void Gate_opens_at_a_fifth_and_never_without_batteries(int? mean, bool open) =>
        CommunityStateOfCharge.IsOpen(mean).ShouldBe(open);

    [Fact]
    public void Weighted_average_is_rounded_down()
    {
        PriceHistory.WeightedAverage([Trade(0, 1_000, 40), Trade(1, 2_000, 41), Trade(2, 1, 99)])
            .ShouldBe(new PricePerKwh(40));
        PriceHistory.WeightedAverage([]).ShouldBeNull();
    }

    [Fact]
    public void Bars_hold_the_trades_of_their_interval()
    {
        var bars = PriceHistory.Bars(
            [Trade(0, 100, 40), Trade(14, 300, 44), Trade(15, 100, 39), Trade(46, 100, 50)],
            TimeSpan.FromMinutes(15)).ToList();
        bars.Select(static bar => (bar.Start - An.Noon).TotalMinutes).ShouldBe([0, 15, 45]);
        bars[0].ShouldBe(new PriceBar(An.Noon, new(40), new(44), new(40), new(44), new(400), new(43)));
    }

    private static PricedTrade Trade(int minute, long energy, long price) =>
        new(An.Noon.AddMinutes(minute), new(energy), new(price));
}

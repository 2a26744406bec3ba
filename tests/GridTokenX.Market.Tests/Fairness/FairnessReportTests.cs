using GridTokenX.Market.Clearing;
using GridTokenX.Market.Fairness;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Fairness;

public sealed class FairnessReportTests
{
    [Fact]
    public void Shares_are_of_what_the_orders_allowed()
    {
        // One kWh traded at 5 between limits 10 and 5, of bids 10 and 6 and asks 5 and 8.
        var report = FairnessReport.Of(
            [Trade(1_000, 5, bid: 10, ask: 5)],
            [Offer(1_000, 10), Offer(1_000, 6)],
            [Offer(1_000, 5), Offer(1_000, 8)],
            production: new WattHours(3_000),
            consumption: new WattHours(4_000));
        report.ShouldBe(new FairnessReport
        {
            WelfareShare = 1m,
            VolumeShare = 0.5m,
            BuyersShare = 1m,
            PriceDispersion = 0m,
            SelfSufficiency = 0.75m,
            SelfConsumption = 1m,
        });
    }

    [Fact]
    public void Dispersion_is_the_weighted_deviation_over_the_mean() =>
        Report(Trade(3_000, 4, 9, 1), Trade(1_000, 8, 9, 1)).PriceDispersion.ShouldBe(0.3464m); // √3 / 5

    [Fact]
    public void Empty_epoch_has_no_shares()
    {
        var report = Report();
        (report.WelfareShare, report.VolumeShare, report.PriceDispersion, report.SelfSufficiency)
            .ShouldBe((null, null, null, null));
    }

    private static FairnessReport Report(params EpochTrade[] trades) =>
        FairnessReport.Of(trades, [], [], WattHours.Zero, WattHours.Zero);

    private static EpochTrade Trade(long energy, long price, long bid, long ask) =>
        new(new(energy), new(price), new(bid), new(ask));

    private static Offer Offer(long energy, long price) => new(new(energy), new(price));
}

using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Clearing;

public sealed class ClearingTests
{
    [Fact]
    public void Clearing_price_is_weighted_by_volume_and_rounded_down()
    {
        var statistics = EpochStatistics.Of([Trade(1_000, 40), Trade(2_000, 41), Trade(1, 99)]);
        statistics.ClearingPrice.ShouldBe(new PricePerKwh(40)); // 122 099 / 3 001 = 40.68…
        statistics.Volume.Value.ShouldBe(3_001);
        statistics.Trades.ShouldBe(3);
        statistics.High.ShouldBe(new PricePerKwh(99));
        statistics.Low.ShouldBe(new PricePerKwh(40));
    }

    [Fact]
    public void Epoch_without_trades_has_no_price()
    {
        var statistics = EpochStatistics.Of([]);
        statistics.ClearingPrice.ShouldBeNull();
        statistics.High.ShouldBeNull();
        statistics.Volume.Value.ShouldBe(0);
    }

    [Fact]
    public void Clearing_price_of_large_trades_does_not_overflow() => EpochStatistics
        .Of([Trade(100_000_000, 10_000_000_000), Trade(100_000_000, 10_000_000_000)])
        .ClearingPrice.ShouldBe(new PricePerKwh(10_000_000_000));

    [Fact]
    public void Settlement_splits_the_share_without_a_rest()
    {
        var terms = SettlementTerms.Of(new MicroGrx(999), new MicroGrx(1_200), feeBasisPoints: 100);
        terms.ShouldBe(new SettlementTerms(new MicroGrx(990), new MicroGrx(9), new MicroGrx(201)));
    }

    [Theory]
    [InlineData(100, 99, 100)]
    [InlineData(100, 100, -1)]
    [InlineData(100, 100, 10_001)]
    [InlineData(-1, 100, 100)]
    public void Impossible_settlement_is_refused(long value, long share, int feeBasisPoints) =>
        Should.Throw<ArgumentOutOfRangeException>(
            () => SettlementTerms.Of(new MicroGrx(value), new MicroGrx(share), feeBasisPoints));

    [Fact]
    public void Shares_of_odd_parts_add_up_to_the_escrow()
    {
        var limit = new PricePerKwh(333);
        var shares = BidEscrow.Share(limit, new(0), new(1)) + BidEscrow.Share(limit, new(1), new(4))
            + BidEscrow.Rest(limit, energy: new(10), filled: new(4));
        shares.ShouldBe(BidEscrow.Of(limit, new WattHours(10)));
        BidEscrow.Of(limit, new WattHours(10)).Value.ShouldBe(3);
    }

    [Theory]
    [InlineData("2026-01-31T12:15:00Z", 202601311215)]
    [InlineData("2026-01-31T12:29:59.9999999Z", 202601311215)]
    [InlineData("2026-01-31T12:30:00Z", 202601311230)]
    [InlineData("2026-12-31T23:59:00Z", 202612312345)]
    [InlineData("2026-02-01T06:07:00+07:00", 202601312300)]
    public void Epoch_is_the_aligned_quarter_hour(string time, long number) =>
        MarketEpoch.At(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture))
            .Number.ShouldBe(number);

    [Fact]
    public void Epochs_follow_each_other_without_a_gap()
    {
        var epoch = MarketEpoch.At(An.Noon);
        epoch.Next.Start.ShouldBe(epoch.End);
        MarketEpoch.At(epoch.End).ShouldBe(epoch.Next);
        MarketEpoch.At(epoch.End.AddTicks(-1)).ShouldBe(epoch);
    }

    private static EpochTrade Trade(long energy, long price) => new(new(energy), new(price), new(price), new(price));
}

using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.Effects;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Effects;

public sealed class EffectsTests
{
    [Fact]
    public void Match_burns_yields_and_saves_carbon_rounded_down() =>
        MatchEffects.Of(new WattHours(1_501), new MicroGrx(6_123_479), burnOnSettlement: true)
            .ShouldBe(new MatchEffects(1_501_000_000, new MicroGrx(306_173), new MicroGrx(153_086), 1_230));

    [Fact]
    public void Nothing_is_burned_when_burning_is_off() =>
        MatchEffects.Of(new WattHours(1_500), new MicroGrx(0), burnOnSettlement: false).Retired.ShouldBe(0ul);

    [Fact]
    public void Yearly_yield_accrues_with_time_and_adds_up()
    {
        var yearly = new MicroGrx(1_000_003);
        YieldLedger.AccruedAfter(yearly, YieldLedger.Year).ShouldBe(yearly);
        YieldLedger.AccruedAfter(yearly, TimeSpan.Zero).ShouldBe(MicroGrx.Zero);
        var days = Enumerable.Range(0, 366).Select(day => YieldLedger.AccruedAfter(yearly, TimeSpan.FromDays(day)))
            .ToList();
        days.Zip(days.Skip(1)).Aggregate(MicroGrx.Zero, static (sum, day) => sum + day.Second - day.First)
            .ShouldBe(yearly);
    }

    [Fact]
    public void Fees_pay_the_oldest_claims_first_and_the_rest_shows_as_unfunded()
    {
        var ledger = default(YieldLedger).Collect(new(100)).Accrue(new(70)).Accrue(new(60));
        (ledger.Payable, ledger.Unfunded).ShouldBe((new MicroGrx(100), new MicroGrx(30)));
        var (after, payments) = ledger.Pay([new(70), new(60)]);
        payments.ShouldBe([new MicroGrx(70), new MicroGrx(30)]);
        (after.Payable, after.Unfunded, after.Surplus).ShouldBe((MicroGrx.Zero, new MicroGrx(30), MicroGrx.Zero));
    }

    [Fact]
    public void More_than_has_accrued_cannot_be_claimed() => Should.Throw<ArgumentException>(
        () => default(YieldLedger).Collect(new(100)).Accrue(new(10)).Pay([new(11)]));

    [Fact]
    public void Ledger_never_pays_more_than_the_fees_hold() =>
        Prop.ForAll(Gen.Choose(-3_000, 3_000).ListOf().ToArbitrary(), static steps =>
        {
            var ledger = default(YieldLedger);
            foreach (var step in steps)
            {
                ledger = (step % 3) switch
                {
                    0 => ledger.Collect(new(Math.Abs(step))),
                    1 or -1 => ledger.Accrue(new(Math.Abs(step))),
                    _ => ledger.Pay([new(ledger.Payable.Value / 2), new(ledger.Unfunded.Value)]).After,
                };
                ledger.Paid.ShouldBeLessThanOrEqualTo(ledger.Collected);
                ledger.Paid.ShouldBeLessThanOrEqualTo(ledger.Accrued);
                (ledger.Paid + ledger.Payable + ledger.Unfunded).ShouldBe(ledger.Accrued);
                (ledger.Paid + ledger.Payable + ledger.Surplus).ShouldBe(ledger.Collected);
            }
        }).QuickCheckThrowOnFailure();
}

using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Community.Tests.MarketMode;

public sealed class ConservationTests
{
    [Theory]
    [InlineData(MarketRuleCase.CallAuction)]
    [InlineData(MarketRuleCase.Continuous)]
    public void Every_home_is_balanced_to_the_watt_hour_in_every_epoch(MarketRuleCase rule)
    {
        var run = Some.Run(With(rule));
        while (!run.IsFinished)
        {
            run.Step();
            foreach (var flows in run.Flows)
            {
                (flows.Pv + flows.Wind + flows.Import + flows.Discharge).ShouldBe(
                    flows.Load + flows.Charge + flows.Vehicle + flows.Climate + flows.Export + flows.Losses);
                (flows.Import > 0 && flows.Export > 0).ShouldBeFalse();
                Math.Min(Math.Min(flows.Pv, flows.Load), Math.Min(flows.Losses, flows.Climate))
                    .ShouldBeGreaterThanOrEqualTo(0);
            }
        }

        // Nothing above holds because nothing happened.
        var all = run.Rows;
        all.Sum(static row => row.Charge).ShouldBeGreaterThan(0);
        all.Sum(static row => row.Losses).ShouldBeGreaterThan(0);
        all.Sum(static row => row.Climate).ShouldBeGreaterThan(0);
        all.Sum(static row => row.Vehicle).ShouldBeGreaterThan(0);
        all.Sum(static row => row.Wind).ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(MarketRuleCase.CallAuction)]
    [InlineData(MarketRuleCase.Continuous)]
    public void Community_and_utility_exchange_what_the_meters_show_in_every_epoch(MarketRuleCase rule)
    {
        var run = Some.Finished(With(rule));
        foreach (var row in run.Rows)
        {
            (row.Pv + row.Wind + row.Import + row.Discharge).ShouldBe(
                row.Load + row.Charge + row.Vehicle + row.Climate + row.Export + row.Losses);
            (row.UtilityExport + row.LinkLosses - row.UtilityImport).ShouldBe(row.Export - row.Import);
        }

        run.Rows.Sum(static row => row.Traded).ShouldBeGreaterThan(0);
        run.Rows.Sum(static row => row.TradedAcross).ShouldBeGreaterThan(0);
        run.Rows.Sum(static row => row.LinkLosses).ShouldBeGreaterThan(0);
        run.Totals.Sum(static home => home.Bought).ShouldBe(run.Rows.Sum(static row => row.Traded));
        run.Totals.Sum(static home => home.Sold).ShouldBe(run.Rows.Sum(static row => row.Traded + row.LinkLosses));
    }

    [Theory]
    [InlineData(MarketRuleCase.CallAuction)]
    [InlineData(MarketRuleCase.Continuous)]
    public void Money_is_neither_made_nor_lost_in_any_epoch(MarketRuleCase rule)
    {
        var run = Some.Run(With(rule));
        while (!run.IsFinished)
        {
            run.Step();
            run.Ledger.Sum().ShouldBe(0);
        }

        run.Ledger[run.Ledger.Fees].ShouldBeGreaterThan(0);
        run.Ledger[run.Ledger.Grid].ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Ledger_knows_only_transfers()
    {
        var ledger = new Ledger(2);
        ledger.Transfer(0, 1, 30);
        ledger.Transfer(1, ledger.Fees, 10);
        (ledger[0], ledger[1], ledger[ledger.Fees]).ShouldBe((-30, 20, 10));
        ledger.Sum().ShouldBe(0);
    }

    private static Scenario With(MarketRuleCase rule)
    {
        var scenario = Some.Scenario();
        return scenario with
        {
            Market = scenario.Market with
            {
                Rule = rule == MarketRuleCase.CallAuction ? MarketRule.CallAuction : MarketRule.Continuous,
            },
        };
    }

    public enum MarketRuleCase
    {
        None = 0,
        CallAuction,
        Continuous,
    }
}

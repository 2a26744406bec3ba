using System.Globalization;
using GridTokenX.Community.Agents;
using GridTokenX.Community.Devices;
using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Reports;
using GridTokenX.Community.Scenarios;
using GridTokenX.Community.Weather;
using GridTokenX.Market.Matching;

namespace GridTokenX.Community.Tests.Reports;

public sealed class ResearchTests
{
    [Fact]
    public void Demand_at_the_lowest_price_is_all_bids_and_supply_at_the_highest_all_asks()
    {
        var run = Some.Finished(Some.Scenario());
        var hours = Enumerable.Range(0, ValuationCurves.Hours).ToList();
        hours.Sum(hour => run.Curves.Demand(hour)[0]).ShouldBe(run.Rows.Sum(static row => row.Bids));
        hours.Sum(hour => run.Curves.Supply(hour)[^1]).ShouldBe(run.Rows.Sum(static row => row.Asks));
        foreach (var hour in hours)
        {
            run.Curves.Demand(hour).ShouldBe(run.Curves.Demand(hour).OrderDescending());
            run.Curves.Supply(hour).ShouldBe(run.Curves.Supply(hour).Order());
        }
    }

    [Fact]
    public void Curves_never_show_more_than_was_there()
    {
        var curves = new ValuationCurves(Some.Scenario().Prices with { FeedIn = 1_000_000, OnPeak = 5_000_000 });
        var noon = EpochTime.At(new DateOnly(2026, 4, 6), 48, 7);
        curves.Add(noon, new Stance(Side.Bid, 3_050_000, 1_000_000, 5_000_000), 700);
        curves.Add(noon, new Stance(Side.Ask, 3_050_000, 1_000_000, 5_000_000), 300);
        curves.PriceSteps[20].ShouldBe(3_000_000);
        (curves.Demand(12)[20], curves.Demand(12)[21]).ShouldBe((700, 0));
        (curves.Supply(12)[20], curves.Supply(12)[21]).ShouldBe((0, 300));
        curves.Demand(11).Sum().ShouldBe(0);
    }

    [Fact]
    public void Curves_are_mean_powers_of_the_hours_that_were_played()
    {
        var curves = new ValuationCurves(Some.Scenario().Prices);
        var night = EpochTime.At(new DateOnly(2026, 4, 6), 0, 7);
        curves.Add(night, new Stance(Side.Bid, 2_640_000, 2_200_000, 2_640_000), 500);
        SeriesBuilder.Curves(curves, 2).Demand[0][0].ShouldBe(1.0m);
        SeriesBuilder.Curves(curves, 96).Demand[0][0].ShouldBe(0.5m);
        SeriesBuilder.Curves(curves, 2).Demand[1][0].ShouldBe(0m);
    }

    [Fact]
    public void Trades_are_a_line_each_and_sum_to_the_report()
    {
        var run = Some.Run(Some.Scenario());
        var lines = new List<string>();
        while (!run.IsFinished)
        {
            run.Step();
            lines.AddRange(ReportText.TradeLines(run).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        var market = ReportBuilder.Of(run, new RunOrigin("", "")).Market;
        lines.Count.ShouldBe((int)market.Trades);
        lines.Sum(static line => Field(line, 4)).ShouldBe(market.TradedWh);
        lines.Sum(static line => Field(line, 6)).ShouldBe(market.ValueUgrx);
        lines.Sum(static line => Field(line, 7)).ShouldBe(market.WheelingUgrx);
        ReportText.TradeHeader.Split(',').Length.ShouldBe(lines[0].Split(',').Length);
        lines.ShouldAllBe(static line => line.StartsWith("2026-04-06T", StringComparison.Ordinal));
    }

    [Fact]
    public void Costs_on_chain_count_every_order_settlement_and_mint()
    {
        var run = Some.Finished(Some.Scenario() with
        {
            Market = Some.Scenario().Market with { Rule = MarketRule.CallAuction },
        });
        var chain = ReportBuilder.Of(run, new RunOrigin("", "")).Chain;
        chain.Withdrawals.ShouldBe(0);
        chain.Settlements.ShouldBe(run.Rows.Sum(static row => (long)row.Trades));
        chain.Mints.ShouldBe(run.Mints.Count);
        chain.Transactions.ShouldBe(chain.Orders + ((chain.Settlements + 2) / 3) + run.Mints.Transactions);
        chain.Lamports.ShouldBe(chain.Transactions * 5_000);
        chain.ComputeUnits.ShouldBe(
            (chain.Orders * 4_309) + (chain.Settlements * 6_474) + (chain.Mints * 4_378));
        Some.Finished(Some.Scenario()).Orders.Withdrawn.ShouldBePositive();
    }

    [Fact]
    public void A_mint_is_of_net_generation_beyond_what_was_minted()
    {
        var scenario = Some.Scenario() with { Faults = [] };
        var mints = new Mints(1);
        var faults = new FaultPlan(scenario, [new Participant(0, 0, AgentKind.Truthful)]);
        Live(generation: 100, consumption: 0).ShouldBe(1);
        Live(generation: 0, consumption: 150).ShouldBe(1);
        Live(generation: 150, consumption: 0).ShouldBe(1);
        Live(generation: 1, consumption: 0).ShouldBe(2);
        mints.Transactions.ShouldBe(2);

        long Live(long generation, long consumption)
        {
            mints.Add([new HomeFlows { Pv = generation, Load = consumption }], faults);
            return mints.Count;
        }
    }

    [Theory]
    [InlineData("2, 4, 4, 4, 5, 5, 7, 9", "5.0 ± 2.1")]
    [InlineData("7", "7.0")]
    [InlineData("", "–")]
    public void Figures_of_several_runs_are_a_mean_with_the_samples_deviation(string values, string text) =>
        Spread.Text(
            values.Split(", ", StringSplitOptions.RemoveEmptyEntries)
                .Select(static value => (decimal?)decimal.Parse(value, CultureInfo.InvariantCulture)),
            1).ShouldBe(text);

    [Fact]
    public void Mixes_over_seeds_have_a_spread_and_one_seed_has_none()
    {
        var scenario = Some.Scenario() with { Days = 1, Zones = ["a"], Links = [], Faults = [] };
        scenario = scenario with { Groups = [.. scenario.Groups.Select(static group => group with { Zone = 0 })] };
        var told = 0;
        Table(7).ShouldNotContain("±");
        var table = Table(7, 8, 9);
        table.ShouldContain("±");
        table.ShouldContain("| truthful | call auction | 100.0 ± 0.0 % |");
        told.ShouldBe(14 * 3);

        string Table(params long[] seeds) => MixTable.Of(
            scenario, seeds, static _ => throw new InvalidOperationException(), (done, _) => told = done,
            CancellationToken.None);
    }

    private static long Field(string line, int at) => long.Parse(line.Split(',')[at], CultureInfo.InvariantCulture);
}

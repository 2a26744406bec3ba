using GridTokenX.Community.Agents;
using GridTokenX.Community.Reports;
using GridTokenX.Community.Scenarios;
using GridTokenX.Market.Matching;

namespace GridTokenX.Community.Tests.MarketMode;

public sealed class WelfareTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Truthful_call_auction_reaches_all_welfare_and_volume_pays_nobody_too_much(int seed)
    {
        var run = Some.Finished(Village(AgentKind.Truthful, MarketRule.CallAuction) with { Seed = seed });
        foreach (var row in run.Rows)
        {
            row.Welfare.ShouldBe(row.WelfareMost);
        }

        run.Rows.Sum(static row => row.Welfare).ShouldBeGreaterThan(0);
        var report = ReportBuilder.Of(run, new RunOrigin("test", "test"));
        report.Market.WelfareShare.ShouldBe(1m);
    }

    [Theory]
    [InlineData("truthful")]
    [InlineData("zero_intelligence")]
    [InlineData("time_pressure")]
    [InlineData("price_taker")]
    [InlineData("arbitrage")]
    public void Nobody_reaches_more_than_everything(string agent)
    {
        var kind = Enum.Parse<AgentKind>(agent.Replace("_", string.Empty, StringComparison.Ordinal), true);
        foreach (var rule in new[] { MarketRule.CallAuction, MarketRule.Continuous })
        {
            var run = Some.Finished(Village(kind, rule));
            run.Rows.ShouldAllBe(static row => row.Welfare <= row.WelfareMost);
            run.Rows.Sum(static row => row.Traded).ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public void Zero_intelligence_in_a_continuous_market_reaches_most_but_not_all()
    {
        var run = Some.Finished(Village(AgentKind.ZeroIntelligence, MarketRule.Continuous));
        var share = (double)run.Rows.Sum(static row => row.Welfare) / run.Rows.Sum(static row => row.WelfareMost);
        share.ShouldBeInRange(0.6, 0.9999);
    }

    /// <summary>Gode and Sunder's constraint: no draw makes a loss against the own valuation.</summary>
    [Fact]
    public void Zero_intelligence_never_bids_above_or_asks_below_its_valuation()
    {
        var bid = new Stance(Side.Bid, 3_000, 2_000, 5_000);
        var ask = new Stance(Side.Ask, 3_000, 2_000, 5_000);
        for (var draw = 0.0; draw < 1; draw += 0.001)
        {
            Pricing.Limit(AgentKind.ZeroIntelligence, bid, 0, 1, draw).ShouldBeInRange(2_000, 3_000);
            Pricing.Limit(AgentKind.ZeroIntelligence, ask, 0, 1, draw).ShouldBeInRange(3_000, 5_000);
        }
    }

    [Fact]
    public void Time_pressure_concedes_from_the_utility_s_price_to_its_valuation()
    {
        var bid = new Stance(Side.Bid, 4_000, 2_000, 5_000);
        var limits = Enumerable.Range(0, 4)
            .Select(round => Pricing.Limit(AgentKind.TimePressure, bid, round, 4, 0)).ToArray();
        limits.ShouldBe([2_125, 2_500, 3_125, 4_000]);
        Pricing.Limit(AgentKind.PriceTaker, bid, 0, 4, 0).ShouldBe(5_000);
        Pricing.Limit(AgentKind.Truthful, bid, 0, 4, 0).ShouldBe(4_000);
    }

    private static Scenario Village(AgentKind agent, MarketRule rule) =>
        MixTable.With(Some.Scenario(Some.ReadyScenario("village")) with { Days = 2 }, [agent], rule);
}

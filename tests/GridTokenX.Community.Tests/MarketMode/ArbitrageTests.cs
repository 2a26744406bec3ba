using GridTokenX.Community.Agents;
using GridTokenX.Community.Reports;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Community.Tests.MarketMode;

public sealed class ArbitrageTests
{
    private const string City = "townhouses with car and battery";
    private const string Village = "solar homes with a battery";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Time_of_use_tariff_pays_arbitrage_no_less_than_keeping_the_own_surplus(long seed)
    {
        var arbitrage = CostOf(Block(AgentKind.Arbitrage, seed), City);
        arbitrage.ShouldBeLessThanOrEqualTo(CostOf(Block(AgentKind.Truthful, seed), City));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Flat_tariff_costs_arbitrage_no_more_than_keeping_the_own_surplus(long seed)
    {
        var village = Some.Scenario(Some.ReadyScenario("village")) with { Seed = seed, Days = 14 };
        var arbitrage = CostOf(With(village, Village, AgentKind.Arbitrage), Village);
        arbitrage.ShouldBeLessThanOrEqualTo(CostOf(With(village, Village, AgentKind.Truthful), Village));
    }

    /// <summary>The world without a market: no meter may trade and no battery follows prices.</summary>
    [Fact]
    public void Without_the_market_is_what_a_run_without_trading_gives()
    {
        var block = Block(AgentKind.Arbitrage, 1) with { Days = 4 };
        var silent = new Fault(FaultKind.OfflineMeter, block.Homes, -1, 0, block.Epochs, 1, 0, 0);
        var withMarket = Some.Finished(block);
        var without = Some.Finished(With(block, City, AgentKind.Truthful) with { Faults = [silent] });
        for (var home = 0; home < block.Homes; home++)
        {
            withMarket.Totals[home].Alone.ShouldBe(without.Ledger[home]);
        }

        var report = ReportBuilder.Of(withMarket, new RunOrigin("test", "test"));
        var alone = ReportBuilder.Of(without, new RunOrigin("test", "test"));
        report.EnergyWh.ImportWithoutMarket.ShouldBe(alone.EnergyWh.MeterImport);
        report.EnergyWh.ExportWithoutMarket.ShouldBe(alone.EnergyWh.MeterExport);
        report.EnergyWh.ImportWithoutMarket.ShouldNotBe(report.EnergyWh.MeterImport);
        report.PeakKw.ImportWithoutMarket.ShouldBe(alone.PeakKw.CommunityImport);
        report.Co2Kg.WithoutMarket.ShouldBe(alone.Co2Kg.WithMarket);
        report.SelfSufficiency.Alone.ShouldBe(alone.SelfSufficiency.Traded);
        report.EnergyWh.StoredAtStart.ShouldBe(alone.EnergyWh.StoredAtStart);
    }

    /// <summary>What a battery holds more in the end is counted as the utility would pay for it.</summary>
    private static long CostOf(Scenario scenario, string group)
    {
        var run = Some.Finished(scenario);
        var report = ReportBuilder.Of(run, new RunOrigin("test", "test"));
        return report.Bills.Groups.Single(bill => bill.Group == group).WithMarket
            - (report.EnergyWh.StoredAtEnd * scenario.Prices.FeedIn / 1_000);
    }

    /// <summary>The ready city block, a fifth of its homes.</summary>
    private static Scenario Block(AgentKind agent, long seed)
    {
        var block = With(Some.Scenario(Some.ReadyScenario("city_block")), City, agent);
        return block with
        {
            Seed = seed,
            Groups = [.. block.Groups.Select(static group => group with { Count = group.Count / 5 })],
        };
    }

    private static Scenario With(Scenario scenario, string group, AgentKind agent) => scenario with
    {
        Groups = [.. scenario.Groups.Select(one => one.Name == group ? one with { Agents = [(agent, 1)] } : one)],
    };
}

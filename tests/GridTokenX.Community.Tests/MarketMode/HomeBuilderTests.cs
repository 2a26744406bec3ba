using GridTokenX.Community.Devices;
using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Community.Tests.MarketMode;

public sealed class HomeBuilderTests
{
    [Theory]
    [InlineData("heating")]
    [InlineData("cooling")]
    public void Rooms_of_a_group_differ_by_their_seed(string mode)
    {
        var scenario = Some.Scenario($$"""
            name: Rooms
            start: {{(mode == "heating" ? "2026-01-12" : "2026-07-13")}}
            days: 1
            site: {{(mode == "heating" ? "berlin" : "bangkok")}}
            homes:
              - { name: flats, count: 8, climate: { mode: {{mode}} }, pv: { peak_kw: 4 } }
            """);
        var used = UsedBy(scenario);
        used.Distinct().Count().ShouldBe(8);
        used.ShouldAllBe(static wh => wh > 0);
        UsedBy(scenario).ShouldBe(used);
        UsedBy(scenario with { Seed = 99 }).ShouldNotBe(used);
    }

    [Fact]
    public void Roofs_look_a_little_elsewhere_unless_nothing_varies()
    {
        var scenario = Some.Scenario("""
            name: Roofs
            start: 2026-07-13
            days: 1
            site: bangkok
            homes:
              - { name: roofs, count: 6, variation: 0, pv: { peak_kw: 4 } }
            """);
        PvBy(scenario).Distinct().Count().ShouldBe(1);
        PvBy(scenario with { Groups = [scenario.Groups[0] with { Variation = 0.2 }] }).Distinct().Count().ShouldBe(6);
    }

    [Theory]
    [InlineData("arbitrage", BatteryStrategy.Arbitrage)]
    [InlineData("truthful", BatteryStrategy.SelfConsumption)]
    public void Agent_decides_what_its_battery_is_for(string agent, object strategy)
    {
        var scenario = Some.Scenario($$"""
            name: Batteries
            start: 2026-07-13
            homes:
              - { name: one, count: 1, battery: { capacity_kwh: 8 }, agent: {{agent}} }
            """);
        var home = new HomeBuilder(scenario, NoFiles).Build().Homes.Single();
        home.Battery!.Strategy.ShouldBe(strategy);
        (home.BatteryAlone is null).ShouldBe(agent == "truthful");
        home.BatteryAlone?.Strategy.ShouldBe(BatteryStrategy.SelfConsumption);
    }

    [Theory]
    [InlineData("arbitrage", "truthful", "give them agent: arbitrage")]
    [InlineData("self_consumption", "arbitrage", "leave it out")]
    [InlineData("self_consumption", "{ truthful: 1, arbitrage: 1 }", "leave it out")]
    public void Battery_that_contradicts_its_agent_is_refused(string strategy, string agent, string advice)
    {
        var problem = Should.Throw<ScenarioException>(() => Some.Scenario($$"""
            name: Batteries
            start: 2026-07-13
            homes:
              - { name: one, count: 1, battery: { strategy: {{strategy}} }, agent: {{agent}} }
            """)).Problems.Single();
        problem.ShouldStartWith("some.yaml, line 4: homes.battery.strategy is ");
        problem.ShouldContain(advice);
    }

    private static long[] UsedBy(Scenario scenario)
    {
        var run = Some.Run(scenario);
        var used = new long[scenario.Homes];
        while (!run.IsFinished)
        {
            run.Step();
            for (var home = 0; home < used.Length; home++)
            {
                used[home] += run.Flows[home].Climate;
            }
        }

        return used;
    }

    private static long[] PvBy(Scenario scenario)
    {
        var run = Some.Run(scenario);
        var given = new long[scenario.Homes];
        while (!run.IsFinished)
        {
            run.Step();
            for (var home = 0; home < given.Length; home++)
            {
                given[home] += run.Flows[home].Pv;
            }
        }

        return given;
    }

    private static Profiles.EnergyProfile NoFiles(ProfileFile file) =>
        throw new InvalidOperationException(file.Path);
}

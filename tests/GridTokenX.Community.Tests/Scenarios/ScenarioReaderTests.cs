using GridTokenX.Community.Agents;
using GridTokenX.Community.Devices;
using GridTokenX.Community.Scenarios;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Tests.Scenarios;

public sealed class ScenarioReaderTests
{
    private const string Least = "name: x\nhomes:\n  - name: a\n    count: 1\n";

    [Fact]
    public void Least_scenario_has_every_default()
    {
        var scenario = Some.Scenario(Least);
        scenario.Days.ShouldBe(7);
        scenario.Zones.ShouldBe(["zone-1"]);
        scenario.Site.Name.ShouldBe("bangkok");
        scenario.Market.Rule.ShouldBe(MarketRule.CallAuction);
        scenario.Prices.FeedIn.ShouldBe(2_200_000);
        scenario.Groups[0].Agents.ShouldBe([(AgentKind.Truthful, 1.0)]);
        scenario.Groups[0].LoadPreset.ShouldBe(LoadShape.Thai);
    }

    [Fact]
    public void Json_is_read_as_well()
    {
        const string Json =
            """{ "name": "x", "days": 3, "homes": [{ "name": "a", "count": 2, "pv": { "peak_kw": 3 }}]}""";
        var scenario = Some.Scenario(Json);
        scenario.Days.ShouldBe(3);
        scenario.Groups[0].Pv.ShouldBe(new PvOptions(3, 15, 180, 0));
    }

    [Theory]
    [InlineData("", "some.yaml is empty")]
    [InlineData("name: x\n", "some.yaml, line 1: homes is missing")]
    [InlineData("name: x\nhomes: []\n", "some.yaml, line 2: homes has 0 entries; it must have from 1 to 1000")]
    [InlineData(Least + "days: 0\n", "some.yaml, line 5: days is '0'; it must be a whole number from 1 to 3660")]
    [InlineData(Least + "days: 1.5\n", "days is '1.5'; it must be a whole number")]
    [InlineData(Least + "dayz: 3\n", "line 5: dayz does not exist (is days meant?); there are name, description")]
    [InlineData(Least + "site: paris\n", "line 5: site is 'paris'; it must be one of bangkok, chiang_mai, berlin")]
    [InlineData(Least + "start: 1.4.2026\n", "start is '1.4.2026'; it must be a day such as 2026-04-01")]
    [InlineData(Least + "    pv: { tilt: 120 }\n", "line 5: homes[0].pv.tilt is '120'; it must be a number from 0")]
    [InlineData(Least + "    pv: flat\n", "homes[0].pv must hold fields (peak_kw, tilt")]
    [InlineData(Least + "    zone: b\n", "line 5: homes.zone is 'b'; there are zone-1")]
    [InlineData(Least + "    agent: { truthful: 0 }\n", "must give at least one kind of agent a weight above 0")]
    [InlineData(Least + "prices: { feed_in: 9 }\n", "prices.feed_in is above a retail price")]
    [InlineData(Least + "prices:\n  retail: { on_peak: 5, off_peak: 3, from: 22, to: 9 }\n",
        "line 6: prices.retail.from")]
    [InlineData(Least + "links: [ { from: a, to: b } ]\n", "lead from 'a' to 'b'; both must be different ones of")]
    [InlineData(Least + "zones: [ { name: a }, { name: a } ]\n", "zones names a twice")]
    [InlineData(Least + "faults: [ { kind: flood } ]\n", "faults[0].kind is 'flood'; it must be one of offline_meter")]
    [InlineData(Least + "faults: [ { kind: offline_meter, group: c } ]\n", "faults.group is 'c'; there are a")]
    [InlineData(Least + "  - name: a\n    count: 2\n", "line 5: homes.name a is given twice")]
    [InlineData(Least + "    climate: { mode: both, cool_above: 20.5 }\n", "is 20.5; it must be at least 1 K")]
    [InlineData(Least + "faults: [ { kind: offline_meter, homes: 50, group: a } ]\n", "homes are 50; there are 1")]
    [InlineData(Least + "faults: [ { kind: offline_meter, homes: 2 } ]\n", "line 5: faults.homes are 2; there are 1")]
    [InlineData(Least + "days: 2\nfaults: [ { kind: offline_meter, from_hour: 500 } ]\n",
        "line 6: faults.from_hour is not before the run's end, hour 48")]
    [InlineData(Least + "  bad indent: [\n", "some.yaml, line 5")]
    public void Wrong_scenario_is_refused_with_line_field_and_range(string yaml, string message) =>
        Should.Throw<ScenarioException>(() => Some.Scenario(yaml)).Message.ShouldContain(message);

    [Fact]
    public void All_that_is_wrong_is_said_at_once() =>
        Should.Throw<ScenarioException>(() => Some.Scenario(Least + "days: 0\nseed: x\nsite: mars\n"))
            .Problems.Count.ShouldBe(3);

    [Fact]
    public void Home_that_cools_by_its_own_model_does_not_cool_by_its_curve_too() =>
        Some.Scenario(Least + "    climate: { mode: cooling }\n").Groups[0].LoadPreset
            .ShouldBe(LoadShape.ThaiWithoutCooling);

    [Theory]
    [InlineData("village", 40)]
    [InlineData("city_block", 420)]
    [InlineData("two_zones", 8)]
    [InlineData("solar_feast", 80)]
    [InlineData("outage_week", 51)]
    [InlineData("attack", 50)]
    [InlineData("every_fault", 12)]
    public void Ready_scenario_is_valid(string name, int homes) =>
        Some.Scenario(Some.ReadyScenario(name)).Homes.ShouldBe(homes);

    [Fact]
    public void Time_of_use_is_dear_on_workdays_only()
    {
        var prices = Some.Scenario().Prices;
        var friday = EpochTime.At(new DateOnly(2026, 4, 3), 40, 7);
        prices.RetailAt(friday).ShouldBe(5_800_000);
        prices.RetailAt(friday with { Quarter = 35 }).ShouldBe(2_640_000);
        prices.RetailAt(friday with { Kind = DayKind.Sunday }).ShouldBe(2_640_000);
    }
}

using GridTokenX.Community.Devices;
using GridTokenX.Community.Scenarios;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Api;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Scenarios;
using GridTokenX.Simulator.Simulate;

namespace GridTokenX.Simulator.Tests.Scenarios;

public sealed class StackLimitTests
{
    private static readonly Scenario Village = ScenarioFiles.Load(ScenarioFiles.PathOf("village"));

    [Theory]
    [InlineData("every_fault")]
    [InlineData("village")]
    [InlineData("solar_feast")]
    [InlineData("attack")]
    [InlineData("outage_week")]
    [InlineData("two_zones")]
    [InlineData("city_block")]
    public void Ready_scenarios_are_played(string name) => StackLimits.Check(Ready(name));

    [Fact]
    public void What_real_parts_cannot_play_is_refused_with_a_code()
    {
        CodeOf(Ready("city_block") with { Market = Village.Market }).ShouldBe("links_with_auction");
        CodeOf(Village with { Days = 367 }).ShouldBe("too_large");
        CodeOf(Village with { Site = Village.Site with { UtcOffsetHours = 5.1 } })
            .ShouldBe("midnight_between_quarters");
        CodeOf(Village with { Market = Village.Market with { FeeBasisPoints = 1_001 } }).ShouldBe("fee_too_high");
        CodeOf(Village with { Prices = Village.Prices with { FeedIn = 4_419_000 } }).ShouldBe("prices_too_close");
        CodeOf(Village with
        {
            Market = Village.Market with { Rule = MarketRule.Continuous, TradePrice = TradePrice.Resting },
        }).ShouldBe("trade_price_resting");
        CodeOf(WithBattery(new BatteryOptions(100_001, 4_000, 0.9, BatteryStrategy.SelfConsumption)))
            .ShouldBe("battery_too_large");
        CodeOf(WithBattery(new BatteryOptions(8_000, 15_001, 0.9, BatteryStrategy.SelfConsumption)))
            .ShouldBe("battery_too_large");
        var ahead = new Fault(FaultKind.ClockError, 1, -1, 0, 96, 1, 0, 900);
        CodeOf(Village with { Faults = [ahead] }).ShouldBe("clock_too_far_ahead");
        StackLimits.Check(Village with { Faults = [ahead with { Seconds = 899 }] });
    }

    [Fact]
    public void A_home_beyond_its_meter_is_refused_before_anything_starts()
    {
        var strong = Village with
        {
            Days = 1,
            Groups = [Village.Groups[0] with { Count = 1, Pv = new PvOptions(900, 10, 180, 0) }],
        };
        Should.Throw<UnplayableException>(() => ScenarioHomes.Plan(strong, ScenarioFiles.PathOf("village"), true))
            .Code.ShouldBe("home_too_strong");
    }

    [Fact]
    public void What_is_played_otherwise_is_told()
    {
        StackNotes.Of(Village, 1).Select(static note => note.Code).ShouldBe(["utility_not_played", "lock_refused"]);
        var attack = ScenarioFiles.Load(ScenarioFiles.PathOf("attack"));
        StackNotes.Of(attack with { Days = 1, Zones = ["soi"] }, 16).Select(static note => note.Code).ShouldBe(
        [
            "utility_not_played", "not_every_quarter_traded", "one_turn_an_epoch", "lock_refused", "zone_renamed",
            "fault_after_end",
        ]);
    }

    [Fact]
    public void The_cloud_core_gets_the_scenarios_market()
    {
        var peak = Village with { Prices = Village.Prices with { OnPeak = 5_798_200, OffPeak = 2_636_900 } };
        CoreRules.Of(peak).Settings.ShouldBe(
        [
            "Market__Mode=call_auction", "Market__Rationing=time", "Market__FeedInPrice=2.2",
            "Market__RetailPrice=5.7982", "Cloud__FeeBasisPoints=100",
        ]);
    }

    [Fact]
    public void The_cloud_core_gets_the_scenarios_links()
    {
        var rules = CoreRules.Of(Ready("city_block"));
        rules.Settings.Skip(5).ShouldBe(
        [
            "Market__Links__0__From=riverside", "Market__Links__0__To=soi", "Market__Links__0__WheelingPrice=0.2",
            "Market__Links__0__LossPpm=20000", "Market__Links__0__CapacityKwh=50",
            "Market__Links__1__From=soi", "Market__Links__1__To=riverside", "Market__Links__1__WheelingPrice=0.2",
            "Market__Links__1__LossPpm=20000", "Market__Links__1__CapacityKwh=50",
        ]);
        var there = new LinkView("riverside", "soi", new LinkTerms(0.20m, 20_000, 50), 0, 0, 0, 0, 0);
        var back = there with { From = "soi", To = "riverside" };
        rules.Demand(new LinkList([back, there, there with { From = "soi", To = "old", Terms = null }]));
        Should.Throw<UnplayableException>(() => rules.Demand(new LinkList([there])))
            .Code.ShouldBe("core_has_other_rules");
        Should.Throw<UnplayableException>(() => rules.Demand(
            new LinkList([back, there with { Terms = new LinkTerms(0.21m, 20_000, 50) }])));
        Should.Throw<UnplayableException>(() => CoreRules.Of(Village).Demand(new LinkList([there])));
    }

    [Fact]
    public void Zones_keep_their_names_where_the_cloud_core_takes_all_of_them()
    {
        StackZones.NamesOf(Ready("city_block")).ShouldBe(["riverside", "soi"]);
        StackZones.NamesOf(Village with { Zones = ["soi 1", "zone-1"] }).ShouldBe(["zone-1", "zone-2"]);
        StackZones.NamesOf(Village with { Zones = ["soi"] }).ShouldBe(["zone-1"]);
        var renamed = Ready("city_block") with { Zones = ["riverside", "soi 1"], Links = [] };
        StackNotes.Of(renamed, 1).Count(static note => note.Code == "zone_renamed").ShouldBe(2);
    }

    [Fact]
    public void A_cloud_core_with_other_rules_is_refused()
    {
        var rules = CoreRules.Of(Village);
        var chain = new ChainInfo(
            "", default, default, default, default, default, default, default, default, default, 100, 1, 1, 0);
        var market = new MarketData(
            "zone-1", default, "call_auction", 0, default, null, null, null, null, null, 0, 0, null, null, 2.2m, 4.42m,
            [], []);
        rules.Demand(chain, market);
        Should.Throw<UnplayableException>(() => rules.Demand(chain with { FeeBasisPoints = 99 }, market))
            .Code.ShouldBe("core_has_other_rules");
        Should.Throw<UnplayableException>(() => rules.Demand(chain, market with { Rule = "continuous" }));
        Should.Throw<UnplayableException>(() => rules.Demand(chain, market with { RetailPrice = null }));
    }

    private static Scenario Ready(string name) => ScenarioFiles.Load(ScenarioFiles.PathOf(name));

    private static string CodeOf(Scenario scenario) =>
        Should.Throw<UnplayableException>(() => StackLimits.Check(scenario)).Code;

    private static Scenario WithBattery(BatteryOptions battery) =>
        Village with { Groups = [Village.Groups[0] with { Battery = battery }] };
}

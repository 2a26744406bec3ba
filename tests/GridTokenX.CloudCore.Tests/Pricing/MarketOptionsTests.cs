using GridTokenX.CloudCore.Pricing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GridTokenX.CloudCore.Tests.Pricing;

public sealed class MarketOptionsTests
{
    [Fact]
    public void Nothing_said_gives_the_design()
    {
        var rules = new MarketRules(Load()).Of("zone-1");
        (rules.Rule, rules.HasGate, rules.ExactQuantity, rules.Price, rules.IsLinked)
            .ShouldBe((ClearingRule.Continuous, false, false, null, false));
        rules.FaultOf(new(1)).ShouldBeNull();
        Load().BurnOnSettlement.ShouldBeFalse();
    }

    [Fact]
    public void Zone_completes_its_settings_from_the_deployments()
    {
        var market = new MarketRules(Load(
            ("Mode", "call_auction"),
            ("FeedInPrice", "1.5"),
            ("Zones:hill:RetailPrice", "6"),
            ("Zones:bay:Mode", "continuous"),
            ("Zones:bay:DynamicPrice:Enabled", "true"),
            ("Zones:bay:TimeZone", "Europe/Berlin")));
        var hill = market.Of("hill");
        (hill.Rule, hill.Band.FeedIn?.Value, hill.Band.Retail?.Value)
            .ShouldBe((ClearingRule.CallAuction, 1_500_000, 6_000_000));
        hill.FaultOf(new(1_499_999)).ShouldNotBeNull();
        hill.FaultOf(new(6_000_001)).ShouldNotBeNull();
        hill.FaultOf(new(6_000_000)).ShouldBeNull();
        var bay = market.Of("bay");
        (bay.Rule, bay.Band.Retail, bay.Price is null, bay.TimeZone.Id)
            .ShouldBe((ClearingRule.Continuous, null, false, "Europe/Berlin"));
        market.Of("elsewhere").Rule.ShouldBe(ClearingRule.CallAuction);
    }

    [Theory]
    [InlineData("Mode", "auction", "Mode is auction")]
    [InlineData("Rationing", "random", "Rationing is random")]
    [InlineData("BatteryGate", "seller", "proofs of each seller's state of charge")]
    [InlineData("BatteryGate", "open", "BatteryGate is open")]
    [InlineData("Zones:hill:BatteryGate", "seller", "Zones:hill:BatteryGate seller")]
    [InlineData("Zones:bad zone:Mode", "continuous", "zone has 1 to 32 characters")]
    [InlineData("BatteryGatePermille", "1001", "from 0 to 1000")]
    [InlineData("TimeZone", "Asia/Atlantis", "Asia/Atlantis")]
    [InlineData("FeedInPrice", "0", "FeedInPrice is 0")]
    [InlineData("FeedInPrice", "1.0000001", "six decimals")]
    [InlineData("DynamicPrice:BasePrice", "-1", "DynamicPrice:BasePrice")]
    [InlineData("DynamicPrice:OnPeak", "99", "100 to 10000 permille")]
    [InlineData("DynamicPrice:Interval", "00:00:00", "from a second to an hour")]
    [InlineData("SocFreshness", "00:00:01", "SocFreshness")]
    [InlineData("YieldTerm", "00:00:00", "YieldTerm")]
    [InlineData("Unknown", "1", "Unknown")]
    public void Setting_that_makes_no_sense_is_refused_at_the_start(string name, string value, string says) =>
        Should.Throw<OptionsValidationException>(() => Load((name, value))).Message.ShouldContain(says);

    [Fact]
    public void Exact_quantities_exclude_auctions_wherever_the_two_are_said() =>
        Should.Throw<OptionsValidationException>(() => Load(
            ("ExactQuantity", "true"), ("Zones:hill:Mode", "call_auction"))).Message.ShouldContain("Zones:hill");

    [Fact]
    public void Feed_in_price_does_not_lie_above_retail() =>
        Should.Throw<OptionsValidationException>(() => Load(
            ("FeedInPrice", "5"), ("Zones:hill:RetailPrice", "4"))).Message.ShouldContain("above");

    [Theory]
    [InlineData("From", "bay", "two different zones")]
    [InlineData("LossPpm", "500001", "500000 ppm")]
    [InlineData("CapacityKwh", "-1", "capacity")]
    public void Link_that_is_none_is_refused(string name, string value, string says)
    {
        (string, string)[] link = [("From", "hill"), ("To", "bay"), ("CapacityKwh", "10"), ("WheelingPrice", "0.5")];
        var settings = link.Where(setting => setting.Item1 != name).Append((name, value))
            .Select(static setting => ($"Links:0:{setting.Item1}", setting.Item2));
        Should.Throw<OptionsValidationException>(() => Load([.. settings])).Message.ShouldContain(says);
    }

    [Fact]
    public void Zone_of_call_auctions_is_not_linked() =>
        Should.Throw<OptionsValidationException>(() => Load(
            ("Links:0:From", "hill"), ("Links:0:To", "bay"), ("Zones:bay:Mode", "call_auction")))
            .Message.ShouldContain("among themselves");

    private static MarketOptions Load(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(
                static setting => $"Market:{setting.Name}", static setting => (string?)setting.Value))
            .Build()
            .Load<MarketOptions>("Market", MarketOptions.Faults);
}

using GridTokenX.Community.Agents;
using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Scenarios;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Tests.MarketMode;

/// <summary>One home in zone a has energy over, one in zone b lacks it.</summary>
public sealed class ZonePriceTests
{
    private const long First = 3_000_000;

    [Fact]
    public void Each_zone_learns_what_its_own_homes_wanted()
    {
        var scenario = Some.Scenario() with { Links = [] };
        var (a, b) = After(scenario);
        a.At(40).ShouldBeLessThan(First);
        b.At(40).ShouldBeGreaterThan(First);
        (a.Room(40), b.Room(40)).ShouldBe((0, 400));
    }

    /// <summary>The buyer's zone pays the wheeling charge on top, and for the energy that the link loses.</summary>
    [Fact]
    public void Trade_across_zones_teaches_both_of_them()
    {
        var (a, b) = After(Some.Scenario());
        (b.At(40) - First).ShouldBeLessThan((5_800_000 - First) * 3 / 10);
        (a.At(40) - First).ShouldBeGreaterThanOrEqualTo((2_200_000 - First) * 3 / 10);
        b.At(40).ShouldBeGreaterThan(a.At(40));
        b.Room(40).ShouldBe(0);
    }

    private static (PriceMemory A, PriceMemory B) After(Scenario scenario)
    {
        Participant[] homes = [new(0, 0, AgentKind.PriceTaker), new(1, 1, AgentKind.PriceTaker)];
        PriceMemory[] prices = [new(First), new(First)];
        var trading = new Trading(scenario, homes, prices);
        var row = default(EpochRow);
        trading.Open(EpochTime.At(scenario.Start, 40, scenario.Site.UtcOffsetHours), 5_800_000);
        trading.Offer(0, 500, default);
        trading.Offer(1, -400, default);
        trading.Clear(ref row);
        row.Traded.ShouldBe(scenario.Links.Count == 0 ? 0 : 400);
        return (prices[0], prices[1]);
    }
}

using GridTokenX.Community.Scenarios;
using GridTokenX.Firmware.Readings;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Reporting;

namespace GridTokenX.Simulator.Tests.Homes;

/// <summary>What becomes of a home depends on its plan alone, not on how long the machine took over it.</summary>
public sealed class HomeTests
{
    private const int Quarters = 3 * Quarter.PerDay;

    private static readonly DateTimeOffset Start = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Longer than a meter goes without a restart, and than it keeps readings.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.4)]
    [InlineData(8)]
    public async Task Three_days_without_a_gateway_are_read_to_the_end_however_long_they_take(double wallSeconds)
    {
        var (home, charges) = await CutOffAsync(TimeSpan.FromSeconds(wallSeconds));
        home.ReadingsProduced.ShouldBe(Quarters);
        home.ReadingsGivenWay.ShouldBe(Quarters - ReadingRing.Capacity);
        charges.ShouldBe((await CutOffAsync(TimeSpan.FromMilliseconds(3))).Charges);
        charges.Distinct().Count().ShouldBeGreaterThan(10);
    }

    private static async Task<(HomeBooks Books, List<long> Charges)> CutOffAsync(TimeSpan wallEachQuarter)
    {
        var clock = new SteppedTime(Start);
        var plan = new HomePlan(1, new LoadModel(1, 1, Quarters), new PvModel(1, 1, Quarters), 8_000, 4_000)
        {
            Faults = [new Fault(FaultKind.GatewayDown, 1, -1, 0, Quarters, 1, 0, 0)],
        };
        await using var home = new Home(plan, 1, new HomeNetwork("127.0.0.1", 1, clock, static (_, _) => { }));
        home.SwitchOn(Start);
        home.BeginQuarter(0);
        home.Step(Start);
        var charges = new List<long>();
        for (var quarter = 0; quarter < Quarters; quarter++)
        {
            home.Live(quarter, Quarters - 1);
            home.Step(Start + (Quarter.Length * (quarter + 1)));
            clock.Advance(wallEachQuarter);
            home.Answer();
            charges.Add(home.DeliverableWh);
        }

        home.BeginQuarter(Quarters);
        return (home.Books, charges);
    }
}

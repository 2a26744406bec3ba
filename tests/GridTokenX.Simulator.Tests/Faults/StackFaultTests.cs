using GridTokenX.Community.Scenarios;
using GridTokenX.Simulator.Faults;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Reporting;
using GridTokenX.Simulator.Simulate;

namespace GridTokenX.Simulator.Tests.Faults;

public sealed class StackFaultTests
{
    private static readonly string Path = ScenarioFiles.PathOf("every_fault");

    private static Scenario Scenario => ScenarioFiles.Load(Path);

    [Fact]
    public void Every_kind_of_fault_and_of_cheat_is_played()
    {
        var faults = Scenario.Faults;
        faults.Select(static fault => fault.Kind).Append(FaultKind.None).Distinct().Order()
            .ShouldBe(Enum.GetValues<FaultKind>());
        faults.Where(static fault => fault.Kind == FaultKind.CheatingMeter).Select(static fault => fault.Cheat)
            .Append(CheatKind.None).Order().ShouldBe(Enum.GetValues<CheatKind>());
        Wire.Of(faults).ShouldBe(new Wire(IsDown: true, 0.2, 0.2, 0.2, CheatKind.Registers, 5));
    }

    [Fact]
    public void Homes_are_those_of_market_mode_to_the_watt_hour()
    {
        var plan = ScenarioHomes.Plan(Scenario, Path, playsFaults: true);
        var run = new Community.MarketMode.MarketRun(Scenario, ScenarioFiles.ProfilesOf(Scenario, Path));
        for (var quarter = 0; quarter < plan.Quarters; quarter++)
        {
            run.Step();
            for (var home = 0; home < plan.Homes.Count; home++)
            {
                var (flows, planned) = (run.Flows[home], plan.Homes[home]);
                Wh(planned.Load.MicrowattSeconds(quarter)).ShouldBe(flows.Consumption);
                Wh(planned.Pv?.MicrowattSeconds(quarter) ?? 0).ShouldBe(flows.Generation);
            }
        }

        plan.Start.ShouldBe(new DateTimeOffset(2026, 5, 31, 23, 0, 0, TimeSpan.Zero));
        plan.Homes.Select(static home => home.Faults.Count).ShouldBe([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
        plan.Homes.Count(static home => home.IsProsumer).ShouldBe(10);
    }

    [Fact]
    public void Who_has_a_fault_is_out_of_the_market_around_it_and_a_lossy_network_keeps_nobody_out()
    {
        var plan = ScenarioHomes.Plan(Scenario, Path, playsFaults: true);
        plan.Homes[4].TradesAt(40).ShouldBeTrue();
        plan.Homes[5].TradesAt(20).ShouldBeTrue();
        plan.Homes[5].TradesAt(21).ShouldBeFalse();
        plan.Homes[5].TradesAt(83).ShouldBeFalse();
        plan.Homes[5].TradesAt(84).ShouldBeTrue();
        (plan.NextChange(0), plan.NextChange(24), plan.NextChange(96)).ShouldBe((24, 80, int.MaxValue));
    }

    [Fact]
    public void A_base_unit_on_somebody_elses_account_is_found()
    {
        var report = ReportTests.Report();
        var home = report.Neighbourhood[0];
        var before = new Accounts([home]);
        before.Differences(report).ShouldBeEmpty();
        var changed = report with { Neighbourhood = [home with { Ugrx = home.Ugrx + 1 }] };
        before.Differences(changed).ShouldHaveSingleItem().ShouldStartWith(home.Meter);
        before.Differences(changed with { Faults = [Fault(home, keeps: false)] }).ShouldHaveSingleItem();
        before.Differences(changed with { Faults = [Fault(home, keeps: true)] }).ShouldBeEmpty();
        new Accounts([home, home]).Differences(report).ShouldHaveSingleItem().ShouldContain("2");
    }

    private static FaultReport Fault(HomeReport home, bool keeps) =>
        new(home.Meter, "offline_meter", 0, 24, keeps, Played: true);

    private static long Wh(long microwattSeconds) => microwattSeconds / 3_600_000_000;
}

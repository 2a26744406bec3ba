using GridTokenX.Community.Reports;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Community.Tests.MarketMode;

public sealed class FaultTests
{
    /// <summary>A cheat takes part in nothing, so to everybody else it is as if its meter were silent.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(1000)]
    public void Cheating_meter_changes_nobody_else_s_account_by_a_base_unit(double factor)
    {
        var attack = Some.Scenario(Some.ReadyScenario("attack")) with { Days = 2 };
        var cheating = Some.Finished(With(attack, FaultKind.CheatingMeter, factor));
        var silent = Some.Finished(With(attack, FaultKind.OfflineMeter, factor));
        var cheats = cheating.Faults.Applied[0].Homes;
        cheats.Length.ShouldBe(2);
        for (var home = 0; home < attack.Homes; home++)
        {
            if (!cheats.Contains(home))
            {
                cheating.Ledger[home].ShouldBe(silent.Ledger[home]);
            }
            else
            {
                cheating.Ledger[home].ShouldBeLessThan(silent.Ledger[home]);
                cheating.Totals[home].Unpaid.ShouldBeGreaterThan(0);
                cheating.Totals[home].FalseClaims.ShouldBeGreaterThan(0);
            }
        }

        cheating.Ledger[cheating.Ledger.Fees].ShouldBe(silent.Ledger[silent.Ledger.Fees]);
    }

    [Fact]
    public void Silent_meter_does_not_trade_and_its_registers_are_billed()
    {
        var village = Some.Scenario(Some.ReadyScenario("village"));
        var fault = new Fault(FaultKind.OfflineMeter, 40, -1, 0, 96, 1, 0, 0);
        var run = Some.Finished(village with { Days = 1, Faults = [fault] });
        run.Rows.Sum(static row => row.Traded).ShouldBe(0);
        run.Rows.Sum(static row => row.Bids + row.Asks).ShouldBe(0);
        for (var home = 0; home < village.Homes; home++)
        {
            run.Ledger[home].ShouldBe(run.Totals[home].Alone);
        }
    }

    [Fact]
    public void Fault_begins_and_ends_at_its_epochs()
    {
        var village = Some.Scenario(Some.ReadyScenario("village"));
        var fault = new Fault(FaultKind.OfflineMeter, 40, -1, 40, 60, 1, 0, 0);
        var run = Some.Finished(village with { Days = 1, Faults = [fault] });
        for (var epoch = 0; epoch < 96; epoch++)
        {
            // On the first epoch nobody has a forecast yet.
            (run.Rows[epoch].Bids == 0).ShouldBe(epoch is 0 or (>= 40 and < 60), $"epoch {epoch}");
        }
    }

    [Fact]
    public void Faults_of_messages_are_reported_as_ignored()
    {
        var scenario = Some.Scenario(Some.ReadyScenario("outage_week")) with { Days = 3 };
        var faults = ReportBuilder.Of(Some.Finished(scenario), new RunOrigin("test", "test")).Faults;
        faults.Count(static fault => fault.Applied).ShouldBe(2);
        faults.Where(static fault => !fault.Applied).ShouldAllBe(static fault => fault.Note.Contains("ignored"));
    }

    [Fact]
    public void Fault_after_the_run_s_end_is_not_applied_and_homes_count_from_one()
    {
        var attack = Some.Scenario(Some.ReadyScenario("attack"));
        var origin = new RunOrigin("test", "test");
        var played = Some.Finished(attack with { Days = 2 });
        var fault = ReportBuilder.Of(played, origin).Faults.Single();
        fault.Applied.ShouldBeTrue();
        fault.Homes.ShouldBe(played.Faults.Applied[0].Homes.Select(static home => home + 1));
        foreach (var row in fault.Homes)
        {
            ReportText.HomesCsv(played).Split('\n')[row].ShouldStartWith($"{row},solar homes,");
        }

        var before = ReportBuilder.Of(Some.Finished(attack with { Days = 1 }), origin).Faults.Single();
        before.Applied.ShouldBeFalse();
        before.Note.ShouldBe("the run ended before it");
    }

    private static Scenario With(Scenario scenario, FaultKind kind, double factor) => scenario with
    {
        Faults = [scenario.Faults[0] with { Kind = kind, Factor = factor }],
    };
}

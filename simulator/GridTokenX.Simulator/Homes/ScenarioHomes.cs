using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Scenarios;
using GridTokenX.Simulator.Faults;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Simulate;

namespace GridTokenX.Simulator.Homes;

/// <summary>
/// The homes of a scenario on real parts: what their devices give and draw, quarter hour by quarter hour, is that of
/// market mode, and the same homes have the faults. How they trade is their own matter.
/// </summary>
internal static class ScenarioHomes
{
    /// <exception cref="FormatException">Real parts cannot play it.</exception>
    /// <exception cref="Community.Profiles.ProfileFormatException">One of its files is not as it must be.</exception>
    public static Neighbourhood Plan(Scenario scenario, string path, bool playsFaults)
    {
        StackFaults.Check(scenario);
        var run = new MarketRun(scenario, ScenarioFiles.ProfilesOf(scenario, path));
        var generated = Empty(scenario);
        var drawn = Empty(scenario);
        for (var quarter = 0; quarter < scenario.Epochs; quarter++)
        {
            run.Step();
            for (var home = 0; home < scenario.Homes; home++)
            {
                generated[home][quarter] = run.Flows[home].Generation;
                drawn[home][quarter] = run.Flows[home].Consumption;
            }
        }

        var faults = FaultsOf(scenario, run.Participants);
        var homes = new List<HomePlan>(scenario.Homes);
        for (var home = 0; home < scenario.Homes; home++)
        {
            var group = scenario.Groups[run.Participants[home].Group];
            var capacityWh = group.Battery?.CapacityWh ?? 0;
            homes.Add(new HomePlan(
                home + 1,
                new EnergySeries(group.Name, drawn[home]),
                Generates(group) ? new EnergySeries(group.Name, generated[home]) : null,
                capacityWh,
                capacityWh * SeededRandom.For(scenario.Seed, "battery", home).Between(300, 600) / 1_000)
            {
                Faults = faults[home],
                PlaysFaults = playsFaults,
            });
        }

        var midnight = new DateTimeOffset(scenario.Start.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return new Neighbourhood(
            homes, midnight - TimeSpan.FromHours(scenario.Site.UtcOffsetHours), scenario.Epochs);
    }

    private static long[][] Empty(Scenario scenario) =>
        [.. Enumerable.Range(0, scenario.Homes).Select(_ => new long[scenario.Epochs])];

    private static bool Generates(HomeGroup group) =>
        group.Pv is not null || group.PvFile is not null || group.Wind is not null;

    private static List<Fault>[] FaultsOf(Scenario scenario, IReadOnlyList<Participant> participants)
    {
        var faults = new List<Fault>[participants.Count];
        for (var home = 0; home < faults.Length; home++)
        {
            faults[home] = [];
        }

        for (var number = 0; number < scenario.Faults.Count; number++)
        {
            foreach (var home in FaultPlan.HomesOf(scenario, participants, number))
            {
                // The run may have been made shorter.
                var fault = scenario.Faults[number];
                faults[home].Add(fault with
                {
                    FromEpoch = Math.Min(fault.FromEpoch, scenario.Epochs),
                    ToEpoch = Math.Min(fault.ToEpoch, scenario.Epochs),
                });
            }
        }

        return faults;
    }
}

/// <summary>Energy that is known already, Wh of each quarter hour.</summary>
internal sealed class EnergySeries(string name, IReadOnlyList<long> wattHours) : IPowerProfile
{
    public string Name => name;

    public long MicrowattSeconds(int quarter) => wattHours[quarter] * EnergyCounter.MicrowattSecondsPerWh;
}

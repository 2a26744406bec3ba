using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Scenarios;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Scenarios;
using GridTokenX.Simulator.Simulate;

namespace GridTokenX.Simulator.Homes;

/// <summary>
/// The homes of a scenario on real parts: what their devices give, draw and store, quarter hour by quarter hour, is
/// that of market mode, their agents are the scenario's, and the same homes have the faults.
/// </summary>
internal static class ScenarioHomes
{
    private const long WhPerKwh = 1_000;

    /// <summary>Twice what all of its energy would cost of the utility, and this, GRX: it may buy too much.</summary>
    private const long PocketMoneyUgrx = 50_000_000;

    /// <exception cref="UnplayableException">Real parts cannot play it.</exception>
    /// <exception cref="Community.Profiles.ProfileFormatException">One of its files is not as it must be.</exception>
    public static Neighbourhood Plan(Scenario scenario, string path, bool playsFaults)
    {
        StackLimits.Check(scenario);
        var life = new ScenarioLife(scenario, ScenarioFiles.ProfilesOf(scenario, path));
        var drawn = Rehearse(scenario, path);
        var faults = FaultsOf(scenario, life.Participants);
        var zones = StackZones.NamesOf(scenario);
        var homes = new List<HomePlan>(scenario.Homes);
        for (var home = 0; home < scenario.Homes; home++)
        {
            homes.Add(PlanOf(life, home, GrantOf(scenario, drawn[home])) with
            {
                Zone = zones[life.Participants[home].Zone],
                Faults = faults[home],
                PlaysFaults = playsFaults,
            });
        }

        var midnight = new DateTimeOffset(scenario.Start.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var start = midnight - TimeSpan.FromHours(scenario.Site.UtcOffsetHours);
        return new Neighbourhood(homes, start, scenario.Epochs) with { Life = life, Zones = zones };
    }

    private static HomePlan PlanOf(ScenarioLife life, int home, long grantUgrx)
    {
        var group = life.Scenario.Groups[life.Participants[home].Group];
        return new HomePlan(
            home + 1,
            new EnergySeries(group.Name, quarter => life.At(home, quarter).Drawn),
            group.Generates ? new EnergySeries(group.Name, quarter => life.At(home, quarter).Generated) : null,
            group.Battery?.CapacityWh ?? 0,
            life.StoredAtFirst[home])
        {
            Stores = quarter => life.At(home, quarter).Stored,
            Agent = new ScenarioAgent(life, home, group.Battery is not null),
            GrantUgrx = grantUgrx,
        };
    }

    /// <summary>
    /// All that each home draws and charges, Wh. What devices but batteries do depends on no market, so whatever cannot
    /// be played is found before anything is started.
    /// </summary>
    private static long[] Rehearse(Scenario scenario, string path)
    {
        var life = new ScenarioLife(scenario, ScenarioFiles.ProfilesOf(scenario, path));
        var drawn = new long[scenario.Homes];
        for (var quarter = 0; quarter < scenario.Epochs; quarter++)
        {
            for (var home = 0; home < drawn.Length; home++)
            {
                var lived = life.At(home, quarter);
                StackLimits.CheckMeter(scenario, home, lived);
                drawn[home] += lived.Drawn + Math.Max(0, lived.Stored);
            }
        }

        return drawn;
    }

    private static long GrantOf(Scenario scenario, long drawnWh) => checked(
        PocketMoneyUgrx + (long)(
            (Int128)2 * drawnWh * Math.Max(scenario.Prices.OnPeak, scenario.Prices.OffPeak) / WhPerKwh));

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

/// <summary>Energy in whole watt-hours of each quarter hour.</summary>
internal sealed class EnergySeries(string name, Func<int, long> wattHours) : IPowerProfile
{
    public string Name => name;

    public long MicrowattSeconds(int quarter) => wattHours(quarter) * EnergyCounter.MicrowattSecondsPerWh;
}

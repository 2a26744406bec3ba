using GridTokenX.Community.Scenarios;
using GridTokenX.Simulator.Faults;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Scenarios;
using GridTokenX.Simulator.Trading;

namespace GridTokenX.Simulator.Homes;

/// <summary>What a home is, before it lives: all of it follows from the seed and the profiles.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Load">What it draws.</param>
/// <param name="Pv">What its roof gives; null for a consumer.</param>
/// <param name="BatteryCapacityWh">0 without a battery.</param>
/// <param name="BatteryChargeWh">At the start.</param>
internal sealed record HomePlan(
    int Number, IPowerProfile Load, IPowerProfile? Pv, long BatteryCapacityWh, long BatteryChargeWh)
{
    /// <summary>Where it trades.</summary>
    public string Zone { get; init; } = Neighbourhood.OnlyZone;

    /// <summary>Of its meter.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>False in a run to compare with: who has a fault does not trade, and yet his meter is sound.</summary>
    public bool PlaysFaults { get; init; } = true;

    /// <summary>
    /// What its battery stores of a quarter hour, Wh, below zero what it gives; null for all that its roof has over.
    /// </summary>
    public Func<int, long>? Stores { get; init; }

    /// <summary>Who trades for it; null for the demo's own agent.</summary>
    public IHomeAgent? Agent { get; init; }

    /// <summary>What it is granted at the start; null for the demo's own grant.</summary>
    public long? GrantUgrx { get; init; }

    public bool IsProsumer => Pv is not null;

    /// <summary>
    /// Its wallet lies on the server: every fourth home, prosumers and consumers in turn. The others sign on chain
    /// themselves.
    /// </summary>
    public bool IsManaged => Number % 8 is 0 or 3;

    public string Role => IsProsumer ? "prosumer" : "consumer";

    public string Name => $"Home {Number}";

    public string MeterId => $"meter-{Number:0000}";

    /// <param name="quarter">Played so far.</param>
    public bool TradesAt(int quarter) => !Faults.Any(fault => fault.KeepsFromTrading(quarter));
}

/// <summary>The homes and the time they live in.</summary>
internal sealed record Neighbourhood(IReadOnlyList<HomePlan> Homes, DateTimeOffset Start, int Quarters)
{
    /// <summary>Where there is one.</summary>
    public const string OnlyZone = "zone-1";

    /// <summary>When a run on the built-in models begins: a midsummer midnight.</summary>
    private static readonly DateTimeOffset ModelStart = new(2026, 6, 21, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Of the homes.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [OnlyZone];

    /// <summary>Null for the demo's own homes.</summary>
    public ScenarioLife? Life { get; init; }

    public DateTimeOffset End => Start + (Quarter.Length * Quarters);

    /// <summary>The first quarter hour after this one in which a fault begins or has ended.</summary>
    public int NextChange(int quarter) => Homes
        .SelectMany(static home => home.Faults)
        .SelectMany(static fault => (int[])[fault.FromEpoch, fault.ToEpoch])
        .Where(change => change > quarter)
        .DefaultIfEmpty(int.MaxValue)
        .Min();

    /// <exception cref="ProfileException">The profiles cannot be used.</exception>
    /// <exception cref="FormatException">Real parts cannot play the scenario.</exception>
    public static Neighbourhood Plan(NeighbourhoodOptions options)
    {
        if (options.Scenario is { } scenario)
        {
            return ScenarioHomes.Plan(scenario.Scenario, scenario.Path, scenario.PlaysFaults);
        }

        var prosumers = (options.Homes + 1) / 2;
        if (options.Profiles is null)
        {
            var loads = Models(options.Homes, home => new LoadModel(options.Seed, home, options.Quarters));
            var pvs = Models(prosumers, home => new PvModel(options.Seed, home, options.Quarters));
            return new Neighbourhood(PlanHomes(options, loads, pvs), ModelStart, options.Quarters);
        }

        var folder = ProfileFolder.Load(options.Profiles, options.Quarters, options.PvScale);
        var assigned = folder.Assign(options.Seed, options.Homes, prosumers);
        return new Neighbourhood(PlanHomes(options, assigned.Loads, assigned.Pvs), folder.Start, options.Quarters);
    }

    /// <summary>Every other home is a prosumer, the first one in any case.</summary>
    private static List<HomePlan> PlanHomes(
        NeighbourhoodOptions options, IReadOnlyList<IPowerProfile> loads, IReadOnlyList<IPowerProfile> pvs)
    {
        var homes = new List<HomePlan>(options.Homes);
        for (var i = 0; i < options.Homes; i++)
        {
            var random = SeededRandom.For(options.Seed, "battery", i);
            var pv = i % 2 == 0 ? pvs[i / 2] : null;
            var capacityWh = pv is null ? 0 : random.Between(5, 12) * 1_000;
            var chargeWh = capacityWh * random.Between(300, 600) / 1_000;
            homes.Add(new HomePlan(i + 1, loads[i], pv, capacityWh, chargeWh));
        }

        return homes;
    }

    private static List<IPowerProfile> Models(int count, Func<int, IPowerProfile> create) =>
        [.. Enumerable.Range(0, count).Select(create)];
}

using GridTokenX.Community.Agents;
using GridTokenX.Community.Devices;
using GridTokenX.Community.Numerics;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Community.MarketMode;

/// <summary>Who a home is to the market.</summary>
internal readonly record struct Participant(int Group, int Zone, AgentKind Agent);

/// <summary>Makes a scenario's homes: each differs from its group by its own draws.</summary>
internal sealed class HomeBuilder(Scenario scenario, Func<ProfileFile, EnergyProfile> profiles)
{
    private readonly Dictionary<(string Preset, Occupancy Occupancy), LoadShape> _shapes = [];
    private readonly Dictionary<ProfileFile, EnergyProfile> _files = [];
    private readonly Draws _agents = Draws.For(scenario.Seed, "agents");

    public (Home[] Homes, Participant[] Participants) Build()
    {
        var homes = new List<Home>(scenario.Homes);
        var participants = new List<Participant>(scenario.Homes);
        for (var group = 0; group < scenario.Groups.Count; group++)
        {
            foreach (var options in scenario.Groups[group].EachHome())
            {
                var number = homes.Count;
                var agent = AgentOf(options, number);
                homes.Add(Make(options, agent, number));
                participants.Add(new Participant(group, options.Zone, agent));
            }
        }

        return ([.. homes], [.. participants]);
    }

    private Home Make(HomeGroup group, AgentKind agent, int number)
    {
        var draws = Draws.For(scenario.Seed, "home", number);
        return new Home
        {
            Household = group.LoadFile is not null || group.AnnualKwh <= 0
                ? null
                : new HouseholdLoad(
                    ShapeOf(group), group.AnnualKwh * Size(draws, 0, group.Variation),
                    Draws.For(scenario.Seed, "load", number)),
            LoadFile = group.LoadFile is null ? null : FileOf(group.LoadFile),
            Pv = group.Pv is null ? null : new PvArray(RoofOf(group.Pv, group.Variation, draws)),
            PvFile = group.PvFile is null ? null : FileOf(group.PvFile),
            Turbine = group.Wind is null ? null : new WindTurbine(group.Wind),
            Battery = BatteryOf(group, StrategyOf(agent), draws),
            BatteryAlone = StrategyOf(agent) == BatteryStrategy.SelfConsumption
                ? null
                : BatteryOf(group, BatteryStrategy.SelfConsumption, draws),
            Vehicle = group.Vehicle is null
                ? null
                : new ElectricVehicle(
                    group.Vehicle, Draws.For(scenario.Seed, "vehicle", number),
                    group.Vehicle.CapacityWh * draws.Between(0, 3, 500L, 900L) / 1_000),
            Climate = group.Climate is null
                ? null
                : new RoomClimate(RoomOf(group.Climate, group.Variation, draws), draws.Between(0, 5, 20.0, 26.0)),
        };
    }

    /// <summary>With a variation of 0.2 roofs look up to 10° elsewhere and are up to 3° steeper or flatter.</summary>
    private static PvOptions RoofOf(PvOptions roof, double variation, Draws draws) => roof with
    {
        PeakKw = roof.PeakKw * Size(draws, 1, variation),
        AzimuthDegrees = roof.AzimuthDegrees + (variation * draws.Between(0, 6, -50.0, 50.0)),
        TiltDegrees = Math.Clamp(roof.TiltDegrees + (variation * draws.Between(0, 7, -15.0, 15.0)), 0, 90),
    };

    /// <summary>Houses and machines differ in size, people by a kelvin in what they find warm or cold.</summary>
    private static ClimateOptions RoomOf(ClimateOptions room, double variation, Draws draws)
    {
        var cool = room.CoolAboveC + draws.Between(0, 4, -1.0, 1.0);
        var heat = room.HeatBelowC + draws.Between(0, 11, -1.0, 1.0);
        return room with
        {
            ResistanceKelvinPerKw = room.ResistanceKelvinPerKw * Size(draws, 8, variation),
            CapacityKwhPerKelvin = room.CapacityKwhPerKelvin * Size(draws, 9, variation),
            PowerW = room.PowerW * Size(draws, 10, variation),
            CoolAboveC = cool,

            // Nobody heats against his own cooling.
            HeatBelowC = room.Cools && room.Heats ? Math.Min(heat, cool) : heat,
        };
    }

    private static double Size(Draws draws, int index, double variation) =>
        draws.Between(0, index, 1 - variation, 1 + variation);

    private static Battery? BatteryOf(HomeGroup group, BatteryStrategy strategy, Draws draws) =>
        group.Battery is null
            ? null
            : new Battery(
                group.Battery with { Strategy = strategy },
                group.Battery.CapacityWh * draws.Between(0, 2, 300L, 600L) / 1_000);

    /// <summary>Who trades decides what the battery is for.</summary>
    private static BatteryStrategy StrategyOf(AgentKind agent) =>
        agent == AgentKind.Arbitrage ? BatteryStrategy.Arbitrage : BatteryStrategy.SelfConsumption;

    private AgentKind AgentOf(HomeGroup group, int number)
    {
        var at = _agents.Unit(0, number) * group.Agents.Sum(static agent => agent.Weight);
        foreach (var (kind, weight) in group.Agents)
        {
            if (at < weight)
            {
                return kind;
            }

            at -= weight;
        }

        return group.Agents[^1].Kind;
    }

    private LoadShape ShapeOf(HomeGroup group)
    {
        var key = (group.LoadPreset, group.Occupancy);
        if (!_shapes.TryGetValue(key, out var shape))
        {
            _shapes[key] = shape = LoadShape.Of(group.LoadPreset, group.Occupancy);
        }

        return shape;
    }

    private EnergyProfile FileOf(ProfileFile file)
    {
        if (!_files.TryGetValue(file, out var profile))
        {
            _files[file] = profile = profiles(file);
        }

        return profile;
    }
}

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
                homes.Add(Make(options, number));
                participants.Add(new Participant(group, options.Zone, AgentOf(options, number)));
            }
        }

        return ([.. homes], [.. participants]);
    }

    private Home Make(HomeGroup group, int number)
    {
        var draws = Draws.For(scenario.Seed, "home", number);
        double Size(int index) => draws.Between(0, index, 1 - group.Variation, 1 + group.Variation);
        return new Home
        {
            Household = group.LoadFile is not null || group.AnnualKwh <= 0
                ? null
                : new HouseholdLoad(
                    ShapeOf(group), group.AnnualKwh * Size(0), Draws.For(scenario.Seed, "load", number)),
            LoadFile = group.LoadFile is null ? null : FileOf(group.LoadFile),
            Pv = group.Pv is null ? null : new PvArray(group.Pv with { PeakKw = group.Pv.PeakKw * Size(1) }),
            PvFile = group.PvFile is null ? null : FileOf(group.PvFile),
            Turbine = group.Wind is null ? null : new WindTurbine(group.Wind),
            Battery = group.Battery is null
                ? null
                : new Battery(group.Battery, group.Battery.CapacityWh * draws.Between(0, 2, 300L, 600L) / 1_000),
            Vehicle = group.Vehicle is null
                ? null
                : new ElectricVehicle(
                    group.Vehicle, Draws.For(scenario.Seed, "vehicle", number),
                    group.Vehicle.CapacityWh * draws.Between(0, 3, 500L, 900L) / 1_000),
            Climate = group.Climate is null
                ? null
                : new RoomClimate(
                    group.Climate with { CoolAboveC = group.Climate.CoolAboveC + draws.Between(0, 4, -1.0, 1.0) },
                    draws.Between(0, 5, 20.0, 26.0)),
        };
    }

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

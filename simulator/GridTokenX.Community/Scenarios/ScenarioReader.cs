using GridTokenX.Community.Agents;
using GridTokenX.Community.Devices;
using GridTokenX.Community.Forecasts;
using GridTokenX.Community.Weather;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GridTokenX.Community.Scenarios;

/// <summary>A scenario from YAML, or JSON, which YAML contains.</summary>
internal sealed class ScenarioReader
{
    private readonly ScenarioCheck _check;
    private readonly List<string> _zones = [];
    private readonly List<string> _groups = [];

    private ScenarioReader(ScenarioCheck check) => _check = check;

    /// <param name="text">Of the file.</param>
    /// <param name="file">As messages call it.</param>
    /// <exception cref="ScenarioException">Says all that is wrong.</exception>
    public static Scenario Read(string text, string file)
    {
        var check = new ScenarioCheck(file);
        if (Parse(text, file) is not { } document)
        {
            throw new ScenarioException([$"{file} is empty"]);
        }

        check.Check(document.RootNode, ScenarioShapes.Root, string.Empty);
        ThrowIfWrong(check);
        var scenario = new ScenarioReader(check).Bind(
            new Node(ScenarioShapes.Root, (YamlMappingNode)document.RootNode));
        ThrowIfWrong(check);
        return scenario;
    }

    private static YamlDocument? Parse(string text, string file)
    {
        try
        {
            var stream = new YamlStream();
            using var reader = new StringReader(text);
            stream.Load(reader);
            return stream.Documents.Count == 0 ? null : stream.Documents[0];
        }
        catch (YamlException exception)
        {
            throw new ScenarioException([$"{file}, line {exception.Start.Line}: {exception.Message}"]);
        }
    }

    private static void ThrowIfWrong(ScenarioCheck check)
    {
        if (check.Problems.Count > 0)
        {
            throw new ScenarioException(check.Problems);
        }
    }

    private Scenario Bind(Node root)
    {
        _zones.AddRange(root.Many("zones").Select(static zone => zone.Text("name")));
        if (_zones.Count == 0)
        {
            _zones.Add("zone-1");
        }

        foreach (var name in _zones.GroupBy(static name => name).Where(static same => same.Count() > 1))
        {
            _check.Say(root.LineOf("zones"), "zones", $"names {name.Key} twice");
        }

        foreach (var name in root.Many("homes").GroupBy(static home => home.Text("name"), StringComparer.Ordinal)
            .Where(static same => same.Count() > 1))
        {
            _check.Say(name.Last().LineOf("name"), "homes.name", $"{name.Key} is given twice");
        }

        var days = (int)root.Whole("days");
        var groups = root.Many("homes").Select(Group).ToList();
        var homes = groups.Sum(static group => (long)group.Count);
        if (homes > ScenarioShapes.MaxHomes)
        {
            _check.Say(
                root.LineOf("homes"), "homes", $"are {homes} in all; there may be {ScenarioShapes.MaxHomes}");
        }

        return new Scenario
        {
            Name = root.Text("name"),
            Description = root.Text("description"),
            Start = root.Date("start"),
            Days = days,
            Seed = root.Whole("seed"),
            Site = SiteOf(root),
            Market = MarketOf(root.Inner("market")),
            Prices = PricesOf(root.Inner("prices")),
            Co2GramsPerKwh = root.Number("co2_g_per_kwh"),
            Zones = _zones,
            Links = [.. root.Many("links").Select(LinkOf)],
            Groups = groups,
            Faults = [.. root.Many("faults").Select(fault => FaultOf(fault, days, groups))],
        };
    }

    private static Site SiteOf(Node root)
    {
        if (!root.IsShape("site"))
        {
            return Site.Presets[root.Text("site")];
        }

        var site = root.Inner("site");
        return new Site
        {
            Name = "own",
            Latitude = site.Number("latitude"),
            Longitude = site.Number("longitude"),
            AltitudeM = site.Number("altitude_m"),
            UtcOffsetHours = site.Number("utc_offset_hours"),
            Turbidity = site.Number("turbidity"),
            Cloudiness = site.Months("cloudiness"),
            MeanTemperatureC = site.Number("mean_temperature"),
            YearAmplitudeC = site.Number("year_amplitude"),
            WarmestDayOfYear = (int)site.Whole("warmest_day"),
            DayAmplitudeC = site.Number("day_amplitude"),
            MeanWindMs = site.Number("mean_wind"),
            WeibullShape = site.Number("weibull_shape"),
        };
    }

    private static MarketRules MarketOf(Node market) => new(
        market.Text("rule") == "continuous" ? MarketRule.Continuous : MarketRule.CallAuction,
        (int)market.Whole("rounds"),
        market.Text("rationing") == "pro_rata" ? Rationing.ProRata : Rationing.Time,
        market.Text("trade_price") == "resting" ? TradePrice.Resting : TradePrice.Ask,
        (int)market.Whole("fee_bps"));

    private Prices PricesOf(Node prices)
    {
        var feedIn = Micro(prices.Number("feed_in"));
        var isTariff = prices.IsShape("retail");
        var tariff = prices.Inner("retail");
        var onPeak = Micro(isTariff ? tariff.Number("on_peak") : prices.Number("retail"));
        var offPeak = isTariff ? Micro(tariff.Number("off_peak")) : onPeak;
        var from = isTariff ? (int)tariff.Whole("from") : 0;
        var to = isTariff ? (int)tariff.Whole("to") : 24;
        if (from >= to)
        {
            _check.Say(tariff.LineOf("from"), "prices.retail.from", $"is {from}; it must come before to ({to})");
        }

        if (Math.Min(onPeak, offPeak) < feedIn)
        {
            _check.Say(
                prices.LineOf("feed_in"), "prices.feed_in",
                "is above a retail price; then every home would rather sell all and buy back");
        }

        return new Prices(
            feedIn, onPeak, offPeak, from, to, !isTariff || tariff.Flag("workdays_only"), Micro(prices.Number("base")),
            prices.Number("valuation_spread"));
    }

    private ZoneLink LinkOf(Node link)
    {
        var (from, to) = (link.Text("from"), link.Text("to"));
        if (from == to || !_zones.Contains(from) || !_zones.Contains(to))
        {
            _check.Say(
                link.Line, "links",
                $"lead from '{from}' to '{to}'; both must be different ones of {string.Join(", ", _zones)}");
        }

        return new ZoneLink
        {
            From = from,
            To = to,
            Wheeling = new PricePerKwh(Micro(link.Number("wheeling"))),
            LossPpm = (int)Math.Round(link.Number("loss") * 1_000_000),
            Capacity = new WattHours((long)Math.Round(link.Number("capacity_kw") * 250)),
        };
    }

    private HomeGroup Group(Node home)
    {
        var load = home.Inner("load");
        var pv = home.OptionalInner("pv");
        var files = new ProfileFields(_check).Of(home);
        var hasClimate = home.Has("climate");
        var preset = load.Text("preset");
        var agents = AgentsOf(home);
        CheckStrategy(home, agents);
        _groups.Add(home.Text("name"));
        return new HomeGroup
        {
            Name = home.Text("name"),
            Count = (int)home.Whole("count"),
            Zone = ZoneOf(home),
            Variation = home.Number("variation"),

            // A home that cools by its own model must not cool a second time by its curve.
            LoadPreset = hasClimate && preset == LoadShape.Thai ? LoadShape.ThaiWithoutCooling : preset,
            Occupancy = Word<Occupancy>(load.Text("occupancy")),
            AnnualKwh = load.Number("annual_kwh"),
            LoadFile = files.Load,
            Pv = pv is null || pv.Has("csv") ? null : new PvOptions(
                pv.Number("peak_kw"), pv.Number("tilt"), pv.Number("azimuth"), pv.Number("inverter_kw")),
            PvFile = files.Pv,
            Wind = home.OptionalInner("wind") is { } wind
                ? new WindOptions(wind.Number("rated_kw"), wind.Number("hub_m"))
                : null,
            Battery = home.OptionalInner("battery") is { } battery ? BatteryOf(battery) : null,
            Vehicle = home.OptionalInner("vehicle") is { } vehicle ? VehicleOf(vehicle) : null,
            Climate = home.OptionalInner("climate") is { } climate ? ClimateOf(climate) : null,
            Agents = agents,
            Forecast = Word<ForecastKind>(home.Text("forecast")),
        };
    }

    /// <summary>Who trades by arbitrage has a battery that follows, so a file must not say otherwise.</summary>
    private void CheckStrategy(Node home, List<(AgentKind Kind, double Weight)> agents)
    {
        var battery = home.Inner("battery");
        var trades = agents.Exists(static agent => agent.Kind == AgentKind.Arbitrage);
        if (battery.Has("strategy") && trades != (battery.Text("strategy") == "arbitrage"))
        {
            _check.Say(battery.LineOf("strategy"), "homes.battery.strategy", trades
                ? "is self_consumption, but the agent is arbitrage, whose battery follows prices: leave it out"
                : "is arbitrage, but no agent of these homes is: give them agent: arbitrage");
        }
    }

    private int ZoneOf(Node home)
    {
        if (home.OptionalText("zone") is not { } name)
        {
            return 0;
        }

        var zone = _zones.IndexOf(name);
        if (zone < 0)
        {
            _check.Say(home.LineOf("zone"), "homes.zone", $"is '{name}'; there are {string.Join(", ", _zones)}");
        }

        return zone;
    }

    private static BatteryOptions BatteryOf(Node battery) => new(
        (long)Math.Round(battery.Number("capacity_kwh") * 1_000),
        (long)Math.Round(battery.Number("power_kw") * 1_000),
        battery.Number("round_trip"),
        Word<BatteryStrategy>(battery.Text("strategy")),
        (int)battery.Whole("cycles_to_end_of_life"),
        (int)Math.Round(battery.Number("fade_per_year") * 1_000_000));

    private static VehicleOptions VehicleOf(Node vehicle) => new(
        (long)Math.Round(vehicle.Number("capacity_kwh") * 1_000),
        (long)Math.Round(vehicle.Number("charger_kw") * 1_000),
        (long)Math.Round(vehicle.Number("wh_per_km")),
        vehicle.Number("daily_km"),
        Word<ChargingStrategy>(vehicle.Text("charging")));

    private ClimateOptions ClimateOf(Node climate)
    {
        var mode = climate.Text("mode");
        var (cool, heat) = (climate.Number("cool_above"), climate.Number("heat_below"));

        // Homes differ in where they cool by 1 K.
        if (mode == "both" && cool < heat + 1)
        {
            _check.Say(
                climate.LineOf("cool_above"), "homes.climate.cool_above",
                string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"is {cool}; it must be at least 1 K above heat_below ({heat})"));
        }

        return new ClimateOptions(
            mode is "cooling" or "both",
            mode is "heating" or "both",
            climate.Number("power_kw") * 1_000,
            climate.Number("resistance_k_per_kw"),
            climate.Number("capacity_kwh_per_k"),
            cool,
            heat);
    }

    private List<(AgentKind Kind, double Weight)> AgentsOf(Node home)
    {
        if (!home.IsShape("agent"))
        {
            return [(Word<AgentKind>(home.Text("agent")), 1)];
        }

        var mix = home.Inner("agent");
        var weights = ScenarioShapes.Agents
            .Select(name => (Word<AgentKind>(name), mix.Number(name)))
            .Where(static agent => agent.Item2 > 0)
            .ToList();
        if (weights.Count == 0)
        {
            _check.Say(home.LineOf("agent"), "homes.agent", "must give at least one kind of agent a weight above 0");
        }

        return weights;
    }

    private Fault FaultOf(Node fault, int days, List<HomeGroup> groups)
    {
        var group = -1;
        if (fault.OptionalText("group") is { } name && (group = _groups.IndexOf(name)) < 0)
        {
            _check.Say(fault.LineOf("group"), "faults.group", $"is '{name}'; there are {string.Join(", ", _groups)}");
        }

        var homes = fault.Whole("homes");
        var there = group < 0 ? groups.Sum(static one => (long)one.Count) : groups[group].Count;
        if (homes > there)
        {
            _check.Say(fault.LineOf("homes"), "faults.homes", $"are {homes}; there are {there}");
        }

        var from = (int)Math.Min(fault.Number("from_hour") * 4, days * EpochTime.PerDay);
        if (from == days * EpochTime.PerDay)
        {
            _check.Say(fault.LineOf("from_hour"), "faults.from_hour", $"is not before the run's end, hour {days * 24}");
        }

        return new Fault(
            Word<FaultKind>(fault.Text("kind")),
            (int)homes,
            group,
            from,
            (int)Math.Min(from + (fault.Number("hours") * 4), days * EpochTime.PerDay),
            fault.Number("factor"),
            fault.Number("drop"),
            fault.Number("seconds"))
        {
            Cheat = Word<CheatKind>(fault.Text("cheat")),
            Duplicate = fault.Number("duplicate"),
            Delay = fault.Number("delay"),
        };
    }

    /// <summary>snake_case in the file, PascalCase here.</summary>
    private static T Word<T>(string text)
        where T : struct, Enum => Enum.Parse<T>(text.Replace("_", string.Empty, StringComparison.Ordinal), true);

    private static long Micro(double grx) => (long)Math.Round(grx * 1_000_000);
}

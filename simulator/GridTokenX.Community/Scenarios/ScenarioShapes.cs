using GridTokenX.Community.Devices;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Scenarios;

/// <summary>What a scenario file may hold.</summary>
internal static class ScenarioShapes
{
    public const int MaxHomes = 100_000;
    public const int MaxDays = 3_660;

    public static readonly string[] Agents =
        ["truthful", "zero_intelligence", "time_pressure", "price_taker", "arbitrage"];

    public static readonly string[] Forecasts =
        ["perfect", "naive", "same_time_yesterday", "exponential_smoothing"];

    public static readonly string[] Faults =
        ["offline_meter", "cheating_meter", "lossy_network", "clock_error", "gateway_down"];

    public static readonly string[] Cheats = ["registers", "foreign_key", "replay", "impersonation"];

    private static readonly Shape File = new("csv_file", "Measured power or energy; see docs/SIMULATION.md.",
    [
        Field.Text("file", "Path from the scenario file; with / at its end a folder, of which each home takes a file.")
            with { Required = true },
        Field.Text("column", "Header of the value's column; without it the first one after the time."),
        Field.Choice("columns", "One for all homes of the group, or each home the next one.", ["one", "each"], "one"),
        Field.Choice(
            "unit", "An energy is that of the interval. Without it the header's, as in ENERGY(kWh), or W.",
            CsvOptions.Units),
        Field.Number("scale", "Factor on every value.", 0, 1_000, "1"),
        Field.Choice(
            "decimal", "The decimal sign, where the file leaves it open; the other one groups thousands.",
            ["either", "point", "comma"], "either"),
        Field.Choice("empty", "What an empty cell means.", ["refuse", "zero", "previous"], "refuse"),
        Field.Flag("net", "Of a load: values below zero are what the home gives to the grid.", false),
        Field.Text("zone", "Whose clocks the times are of, as Europe/Berlin; without it the site's standard time."),
        Field.Flag("repeat", "The file begins with the run and begins again after its end.", false),
    ]);

    private static readonly Shape Load = new("load", "What the household draws.",
    [
        Field.Choice("preset", "A curve by month, kind of day and quarter hour.", LoadShape.Presets, LoadShape.Thai),
        Field.Choice("occupancy", "Who is at home on workdays.", ["mixed", "working", "home"], "mixed"),
        Field.Number("annual_kwh", "Energy of a year.", 0, 100_000, "3000"),
        Field.Inner("csv", "In place of the preset.", File),
    ]);

    private static readonly Shape Pv = new("pv", "A roof.",
    [
        Field.Number("peak_kw", "DC power under standard conditions.", 0.1, 1_000, "4"),
        Field.Number("tilt", "Degrees; 0 lies flat.", 0, 90, "15"),
        Field.Number("azimuth", "Degrees from north over east; 180 looks south.", 0, 360, "180"),
        Field.Number("inverter_kw", "AC power at most; 0 for as much as peak_kw.", 0, 1_000, "0"),
        Field.Inner("csv", "In place of the model.", File),
    ]);

    private static readonly Shape Wind = new("wind", "A small wind turbine.",
    [
        Field.Number("rated_kw", "At 11 m/s.", 0.1, 100, "5"),
        Field.Number("hub_m", "Height of the hub above ground.", 5, 100, "18"),
    ]);

    private static readonly Shape Battery = new("battery", "A home battery.",
    [
        Field.Number("capacity_kwh", "When new.", 0.1, 10_000, "8"),
        Field.Number("power_kw", "Either way.", 0.1, 5_000, "4"),
        Field.Number("round_trip", "AC to AC, as a share.", 0.5, 1, "0.9"),
        Field.Choice("strategy", "What it is for.", ["self_consumption", "arbitrage"], "self_consumption"),
        Field.Whole("cycles_to_end_of_life", "Full cycles that take 20 % of the capacity.", 100, 100_000, "6000"),
        Field.Number("fade_per_year", "Share of the capacity that age takes a year.", 0, 0.1, "0.01"),
    ]);

    private static readonly Shape Vehicle = new("vehicle", "An electric car that drives and charges at home.",
    [
        Field.Number("capacity_kwh", "Of its battery.", 5, 200, "50"),
        Field.Number("charger_kw", "At home.", 0.5, 50, "7.4"),
        Field.Number("wh_per_km", "From the battery.", 50, 500, "170"),
        Field.Number("daily_km", "Mean of the days on which it drives.", 0, 1_000, "40"),
        Field.Choice("charging", "When.", ["immediate", "night", "surplus"], "immediate"),
    ]);

    private static readonly Shape Climate = new("climate", "An air conditioner or heat pump with the room it serves.",
    [
        Field.Choice("mode", "What it does.", ["cooling", "heating", "both"], "cooling"),
        Field.Number("power_kw", "Electric, at most.", 0.1, 100, "1.2"),
        Field.Number("resistance_k_per_kw", "Between inside and outside.", 0.1, 1_000, "8"),
        Field.Number("capacity_kwh_per_k", "Heat capacity.", 0.01, 1_000, "1.5"),
        Field.Number("cool_above", "Degrees Celsius.", 15, 40, "26"),
        Field.Number("heat_below", "Degrees Celsius.", 5, 30, "20"),
    ]);

    private static readonly Shape Mix = new("agent_mix", "How many homes of the group trade how: weights.",
        [.. Agents.Select(static agent => Field.Number(agent, "Weight.", 0, 1_000_000, "0"))]);

    private static readonly Shape Group = new("home_group", "Homes that are alike.",
    [
        Field.Text("name", "As the report calls them.") with { Required = true },
        Field.Whole("count", "Homes.", 1, MaxHomes) with { Required = true },
        Field.Text("zone", "One of the zones; without it the first one."),
        Field.Number("variation", "Homes differ in size by up to this share.", 0, 0.9, "0.2"),
        Field.Inner("load", "Household.", Load),
        Field.Inner("pv", "Roof.", Pv),
        Field.Inner("wind", "Turbine.", Wind),
        Field.Inner("battery", "Battery.", Battery),
        Field.Inner("vehicle", "Car.", Vehicle),
        Field.Inner("climate", "Cooling or heating.", Climate),
        Field.Choice("agent", "How they trade, or a mix.", Agents, "truthful") with { Of = Mix, OrShape = true },
        Field.Choice("forecast", "How they foresee their next quarter hour.", Forecasts, "same_time_yesterday"),
    ]);

    private static readonly Shape Place = new("site", "A place and its climate, where no preset fits.",
    [
        Field.Number("latitude", "Degrees, north positive.", -66, 66) with { Required = true },
        Field.Number("longitude", "Degrees, east positive.", -180, 180) with { Required = true },
        Field.Number("altitude_m", "Above the sea.", -400, 5_000, "0"),
        Field.Number("utc_offset_hours", "Standard time.", -12, 14) with { Required = true },
        Field.Number("turbidity", "Linke turbidity: 2 clear, 5 hazy.", 1, 10, "3.5"),
        new("cloudiness", FieldKind.Months, "0 always clear to 1 always overcast: one number, or one a month.")
        {
            Least = 0, Most = 1, Default = "0.5",
        },
        Field.Number("mean_temperature", "Degrees Celsius, of the year.", -20, 40, "15"),
        Field.Number("year_amplitude", "Half of the difference of the seasons, K.", 0, 30, "8"),
        Field.Whole("warmest_day", "Day of the year.", 1, 365, "200"),
        Field.Number("day_amplitude", "Half of the difference of day and night, K.", 0, 15, "5"),
        Field.Number("mean_wind", "At 10 m above ground, m/s.", 0.1, 15, "3"),
        Field.Number("weibull_shape", "Of the wind's speeds: 2 is Rayleigh's, less is gustier.", 1, 5, "2"),
    ]);

    private static readonly Shape Market = new("market", "How the homes trade.",
    [
        Field.Choice(
            "rule", "All at one price each epoch, or continuously.", ["call_auction", "continuous"], "call_auction"),
        Field.Whole("rounds", "Turns that each agent has within an epoch of a continuous market.", 1, 60, "4"),
        Field.Choice("rationing", "Who is served at an auction's margin.", ["time", "pro_rata"], "time"),
        Field.Choice("trade_price", "Of a continuous market's matches.", ["ask", "resting"], "ask"),
        Field.Whole("fee_bps", "Of each trade's value, from the seller, in 1/10,000.", 0, 10_000, "100"),
    ]);

    private static readonly Shape TimeOfUse = new("time_of_use", "A tariff of two prices.",
    [
        Field.Number("on_peak", "GRX per kWh.", 0.001, 10_000) with { Required = true },
        Field.Number("off_peak", "GRX per kWh.", 0.001, 10_000) with { Required = true },
        Field.Whole("from", "Hour at which on-peak begins.", 0, 23, "9"),
        Field.Whole("to", "Hour at which on-peak ends.", 1, 24, "22"),
        Field.Flag("workdays_only", "Weekends are off-peak.", true),
    ]);

    private static readonly Shape Prices = new("prices", "What the utility pays and takes, GRX per kWh.",
    [
        Field.Number("feed_in", "What the utility pays.", 0.001, 10_000, "2.2"),
        Field.Number("retail", "What the utility takes, or a time-of-use tariff.", 0.001, 10_000, "4.4") with
        {
            Of = TimeOfUse, OrShape = true,
        },
        Field.Number("base", "What agents expect of the market before they know it.", 0.001, 10_000, "3.3"),
        Field.Number(
            "valuation_spread",
            "How far homes' own valuations lie from the utility's prices, as a share of the distance between them.",
            0, 1, "0.6"),
    ]);

    private static readonly Shape Zone = new("zone", "The area of one order book.",
        [Field.Text("name", "Unique.") with { Required = true }]);

    private static readonly Shape Link = new("link", "What brings energy from one zone into another.",
    [
        Field.Text("from", "The sellers' zone.") with { Required = true },
        Field.Text("to", "The buyers' zone.") with { Required = true },
        Field.Number("wheeling", "GRX per kWh that arrives, paid by the buyer to the grid.", 0, 10_000, "0"),
        Field.Number("loss", "Share of what is sent.", 0, 0.5, "0"),
        Field.Number("capacity_kw", "Mean power at most.", 0, 1_000_000, "1000000"),
    ]);

    private static readonly Shape Fault = new("fault", "Something goes wrong.",
    [
        Field.Choice("kind", "What.", Faults) with { Required = true },
        Field.Whole("homes", "How many, chosen by the seed.", 1, MaxHomes, "1"),
        Field.Text("group", "Of this group; without it of all."),
        Field.Number("from_hour", "Since the run began.", 0, MaxDays * 24, "0"),
        Field.Number("hours", "How long.", 0.25, MaxDays * 24, "24"),
        Field.Number("factor", "What a cheating meter makes of its production.", 0, 1_000, "2"),
        Field.Choice("cheat", "What a cheating meter does to its readings.", Cheats, "registers"),
        Field.Number("drop", "Share of messages that a lossy network loses.", 0, 0.9, "0.2"),
        Field.Number("duplicate", "Share that it brings twice.", 0, 1, "0"),
        Field.Number("delay", "Share that it brings late, after younger ones.", 0, 1, "0"),
        Field.Number("seconds", "By which a clock is wrong.", -86_400, 86_400, "600"),
    ]);

    public static readonly Shape Root = new("scenario", "A neighbourhood, its market and how long it lives.",
    [
        Field.Text("name", "As the report calls it.") with { Required = true },
        Field.Text("description", "One or two sentences.", ""),
        new("start", FieldKind.Date, "First day, YYYY-MM-DD.") { Default = "2026-04-01" },
        Field.Whole("days", "How long.", 1, MaxDays, "7"),
        Field.Whole("seed", "The same seed gives the same run.", -9e15, 9e15, "1"),
        Field.Choice("site", "A preset, or a place of your own.", [.. Site.Presets.Keys], "bangkok") with
        {
            Of = Place, OrShape = true,
        },
        Field.Inner("market", "Rules.", Market),
        Field.Inner("prices", "Tariffs.", Prices),
        Field.Number("co2_g_per_kwh", "Of the grid's electricity.", 0, 2_000, "480"),
        Field.Many("zones", "Without them there is one, called zone-1.", Zone, 100),
        Field.Many("links", "Between zones; each way by itself.", Link, 1_000),
        Field.Many("homes", "Groups of homes.", Group, 1_000, 1) with { Required = true },
        Field.Many("faults", "Executed in stack mode; market mode says which it applies.", Fault, 1_000),
    ]);
}

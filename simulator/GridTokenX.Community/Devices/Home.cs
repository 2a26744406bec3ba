using GridTokenX.Community.Profiles;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Devices;

/// <summary>
/// Every flow of one home in one epoch, Wh, none below zero. Battery flows are the cells'; what is lost on their way is
/// beside them.
/// </summary>
internal readonly record struct HomeFlows
{
    public long Pv { get; init; }

    public long Wind { get; init; }

    public long Load { get; init; }

    public long Vehicle { get; init; }

    public long Climate { get; init; }

    public long Charge { get; init; }

    public long Discharge { get; init; }

    public long Losses { get; init; }

    public long Import { get; init; }

    public long Export { get; init; }

    /// <summary>At the meter: positive is given to the grid.</summary>
    public long Net => Export - Import;

    public long Generation => Pv + Wind;

    public long Consumption => Load + Vehicle + Climate;

    /// <summary>What came in is what went out, to the watt-hour.</summary>
    public bool Balanced =>
        Pv + Wind + Import + Discharge == Load + Charge + Vehicle + Climate + Export + Losses;
}

/// <summary>A home's devices. Each epoch once, in order: first <see cref="Use"/>, then <see cref="Store"/>.</summary>
internal sealed class Home
{
    public HouseholdLoad? Household { get; init; }

    public EnergyProfile? LoadFile { get; init; }

    public PvArray? Pv { get; init; }

    public EnergyProfile? PvFile { get; init; }

    public WindTurbine? Turbine { get; init; }

    public Battery? Battery { get; init; }

    /// <summary>
    /// The same battery as it would be without a market, keeping the home's surplus; null where it does so anyway.
    /// </summary>
    public Battery? BatteryAlone { get; init; }

    public ElectricVehicle? Vehicle { get; init; }

    public RoomClimate? Climate { get; init; }

    /// <summary>What all devices but the battery give and draw.</summary>
    public HomeFlows Use(in EpochTime time, in EpochWeather weather)
    {
        if (time.Quarter == 0)
        {
            Battery?.Age(time.Day);
            BatteryAlone?.Age(time.Day);
        }

        var pv = (Pv?.Step(weather) ?? 0) + (PvFile?.Wh(time.Epoch) ?? 0);
        var wind = Turbine?.Step(weather) ?? 0;
        var load = (Household?.Step(time) ?? 0) + (LoadFile?.Wh(time.Epoch) ?? 0);
        var climate = Climate?.Step(weather) ?? 0;
        var vehicle = Vehicle?.Step(time, pv + wind - load - climate) ?? 0;
        var net = pv + wind - load - climate - vehicle;
        return new HomeFlows
        {
            Pv = pv,
            Wind = wind,
            Load = load,
            Vehicle = vehicle,
            Climate = climate,
            Import = Math.Max(0, -net),
            Export = Math.Max(0, net),
        };
    }

    /// <summary>What the meter shows once the battery has done its part.</summary>
    public HomeFlows Store(in HomeFlows use, BatteryOrder order) =>
        Battery is null ? use : With(use, Battery.Run(order.Wanted(use.Net), order.KeepWh));

    /// <summary>What the meter would show without a market: the net of its flows.</summary>
    public long StoreAlone(in HomeFlows use, in HomeFlows withMarket) =>
        BatteryAlone is null ? withMarket.Net : use.Net - BatteryAlone.Run(use.Net).AcWh;

    private static HomeFlows With(in HomeFlows use, in BatteryFlow battery)
    {
        var net = use.Net - battery.AcWh;
        return use with
        {
            Charge = battery.ChargeWh,
            Discharge = battery.DischargeWh,
            Losses = battery.LossWh,
            Import = Math.Max(0, -net),
            Export = Math.Max(0, net),
        };
    }
}

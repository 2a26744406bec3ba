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

/// <summary>What a battery on arbitrage should do in this epoch.</summary>
internal enum PriceSignal
{
    None = 0,
    Ordinary,
    Cheap,
    Dear,
}

/// <summary>A home's devices. Each epoch once, in order.</summary>
internal sealed class Home
{
    public HouseholdLoad? Household { get; init; }

    public EnergyProfile? LoadFile { get; init; }

    public PvArray? Pv { get; init; }

    public EnergyProfile? PvFile { get; init; }

    public WindTurbine? Turbine { get; init; }

    public Battery? Battery { get; init; }

    public ElectricVehicle? Vehicle { get; init; }

    public RoomClimate? Climate { get; init; }

    public HomeFlows Step(in EpochTime time, in EpochWeather weather, PriceSignal signal)
    {
        var pv = (Pv?.Step(weather) ?? 0) + (PvFile?.Wh(time.Epoch) ?? 0);
        var wind = Turbine?.Step(weather) ?? 0;
        var load = (Household?.Step(time) ?? 0) + (LoadFile?.Wh(time.Epoch) ?? 0);
        var climate = Climate?.Step(weather) ?? 0;
        var vehicle = Vehicle?.Step(time, pv + wind - load - climate) ?? 0;
        var net = pv + wind - load - climate - vehicle;
        var battery = Battery is null ? default : Run(Battery, time, net, signal);
        net -= battery.AcWh;
        return new HomeFlows
        {
            Pv = pv,
            Wind = wind,
            Load = load,
            Vehicle = vehicle,
            Climate = climate,
            Charge = battery.ChargeWh,
            Discharge = battery.DischargeWh,
            Losses = battery.LossWh,
            Import = Math.Max(0, -net),
            Export = Math.Max(0, net),
        };
    }

    private static BatteryFlow Run(Battery battery, in EpochTime time, long net, PriceSignal signal)
    {
        if (time.Quarter == 0)
        {
            battery.Age(time.Day);
        }

        var wanted = signal switch
        {
            _ when battery.Strategy != BatteryStrategy.Arbitrage => net,
            PriceSignal.Cheap => long.MaxValue,
            PriceSignal.Dear => -long.MaxValue,
            _ => net,
        };
        return battery.Run(wanted);
    }
}

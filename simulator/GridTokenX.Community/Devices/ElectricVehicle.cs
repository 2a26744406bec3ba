using GridTokenX.Community.Numerics;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Devices;

internal enum ChargingStrategy
{
    None = 0,

    /// <summary>At full power as soon as it is home.</summary>
    Immediate,

    /// <summary>From 22:00 to 06:00.</summary>
    Night,

    /// <summary>From the home's own surplus; from 22:00 on as much as it needs.</summary>
    Surplus,
}

/// <param name="WhPerKm">From the cells; 160–200 is usual for a car in the EPA's and WLTP's tests.</param>
/// <param name="DailyKm">Mean of the days on which it drives.</param>
internal sealed record VehicleOptions(
    long CapacityWh, long ChargerW, long WhPerKm, double DailyKm, ChargingStrategy Strategy);

/// <summary>
/// A car with one round trip a day: nine of ten workdays and six of ten days of a weekend. Departure and return are
/// drawn around 07:30 and 17:30 (10:00 and 16:00 at weekends), the distance between half and one and a half times the
/// mean. What its battery cannot drive is charged on the way, outside the home. The charger loses a tenth.
/// </summary>
internal sealed class ElectricVehicle(VehicleOptions options, Draws draws, long storedWh)
{
    private const long ChargerPermille = 900;
    private const int NightFrom = 88;
    private const int NightTo = 24;

    private int _day = -1;
    private int _departure;
    private int _return;
    private long _tripWh;
    private bool _away;
    private long _carry;

    public long StoredWh { get; private set; } = storedWh;

    public long DrivenWh { get; private set; }

    /// <summary>Charged on the way, because a trip was longer than the battery.</summary>
    public long ElsewhereWh { get; private set; }

    /// <summary>All that the home's charger brought into the cells.</summary>
    public long ChargedWh { get; private set; }

    /// <summary>What the charger draws in the epoch, Wh.</summary>
    /// <param name="time">Epochs one after the other.</param>
    /// <param name="surplusWh">What the home has over.</param>
    public long Step(in EpochTime time, long surplusWh)
    {
        if (time.Day != _day)
        {
            PlanDay(time);
        }

        if (time.Quarter == _departure)
        {
            _away = true;
        }

        if (time.Quarter == _return && _away)
        {
            _away = false;
            Drive();
        }

        return _away ? 0 : Charge(Allowed(time, surplusWh));
    }

    private void PlanDay(in EpochTime time)
    {
        _day = time.Day;
        var workday = time.Kind == DayKind.Workday;
        var drives = draws.Unit(time.Day, 0) < (workday ? 0.9 : 0.6);
        var (leaves, returns) = workday ? (30, 70) : (40, 64);
        _departure = drives ? leaves + (int)draws.Between(time.Day, 1, -4L, 4L) : -1;
        _return = drives ? returns + (int)draws.Between(time.Day, 2, -6L, 6L) : -1;
        _tripWh = (long)(options.DailyKm * draws.Between(time.Day, 3, 0.5, 1.5) * options.WhPerKm);
    }

    private void Drive()
    {
        DrivenWh += _tripWh;
        var own = Math.Min(_tripWh, StoredWh);
        StoredWh -= own;
        ElsewhereWh += _tripWh - own;
    }

    private long Allowed(in EpochTime time, long surplusWh)
    {
        var most = options.ChargerW / 4;
        var night = time.Quarter is >= NightFrom or < NightTo;
        return options.Strategy switch
        {
            ChargingStrategy.Immediate => most,
            ChargingStrategy.Night => night ? most : 0,
            _ => night ? most : Math.Clamp(surplusWh, 0, most),
        };
    }

    private long Charge(long allowedWh)
    {
        var room = options.CapacityWh - StoredWh;
        var needed = (room * 1_000 / ChargerPermille) + 1;
        var drawn = Math.Min(allowedWh, needed);
        var exact = (drawn * ChargerPermille) + _carry;
        var charged = Math.Min(exact / 1_000, room);
        if (charged == 0)
        {
            return 0;
        }

        _carry = exact % 1_000;
        StoredWh += charged;
        ChargedWh += charged;
        return drawn;
    }
}

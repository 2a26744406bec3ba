namespace GridTokenX.Community.Devices;

internal enum BatteryStrategy
{
    None = 0,

    /// <summary>Keeps the home's own surplus for the home.</summary>
    SelfConsumption,

    /// <summary>Also buys when energy is expected to be cheap and sells when dear.</summary>
    Arbitrage,
}

/// <param name="RoundTrip">AC to AC, as a share; half of the loss, as a factor, falls on each way.</param>
/// <param name="CyclesToEndOfLife">Full cycles after which 20 % of the capacity are gone.</param>
/// <param name="CalendarPpmPerYear">Capacity that age alone takes, in millionths a year.</param>
internal sealed record BatteryOptions(
    long CapacityWh, long PowerW, double RoundTrip, BatteryStrategy Strategy, int CyclesToEndOfLife = 6_000,
    int CalendarPpmPerYear = 10_000)
{
    public const int EndOfLifePpm = 200_000;
}

/// <summary>What a battery did in an epoch, Wh; on the cells' side, with the loss on the way beside it.</summary>
internal readonly record struct BatteryFlow(long ChargeWh, long DischargeWh, long LossWh)
{
    /// <summary>What the home's wires saw: positive into the battery.</summary>
    public long AcWh => ChargeWh - DischargeWh + LossWh;
}

/// <summary>What a battery is told for an epoch; without an order it keeps the home's surplus for the home.</summary>
/// <param name="ImportWh">Charges at least this at the wires, own surplus first; then it does not discharge.</param>
/// <param name="KeepWh">What the cells must not fall below.</param>
/// <param name="ExportWh">Gives the grid up to this, own surplus first.</param>
internal readonly record struct BatteryOrder(long ImportWh, long KeepWh, long ExportWh)
{
    /// <summary>What the battery should take of the home's wires, given what the rest of the home has over.</summary>
    public long Wanted(long netWh) => ImportWh > 0 ? Math.Max(netWh, ImportWh) : netWh - ExportWh;
}

/// <summary>
/// A home battery in whole watt-hours. Each way loses 1 − √(round trip); what the loss rounds off is carried on, so
/// that over a run the efficiency is exact. Capacity fades linearly with throughput (20 % over the cycles to the end
/// of life) and with age (1 % a year); both are within what M. Schimpe et al., Journal of The Electrochemical Society
/// 165 (2018) A181 measure for cells of lithium iron phosphate. Energy above a faded capacity stays until it is used.
/// </summary>
internal sealed class Battery(BatteryOptions options, long storedWh)
{
    public const long Million = 1_000_000;

    private readonly long _lossPpm = Million - (long)Math.Round(Math.Sqrt(options.RoundTrip) * Million);
    private readonly long _mostWh = options.PowerW / 4;
    private long _carry;
    private long _usableWh = options.CapacityWh;

    public BatteryStrategy Strategy => options.Strategy;

    public double RoundTrip => options.RoundTrip;

    /// <summary>At most in an epoch.</summary>
    public long MostWh => _mostWh;

    public long StoredWh { get; private set; } = storedWh;

    /// <summary>All that ever went into the cells.</summary>
    public long ThroughputWh { get; private set; }

    public long UsableWh => _usableWh;

    public int StateOfChargePermille => _usableWh == 0 ? 0 : (int)(Math.Min(StoredWh, _usableWh) * 1_000 / _usableWh);

    /// <summary>Once a day: what is left of the capacity.</summary>
    public void Age(int days)
    {
        var cycled = (Int128)BatteryOptions.EndOfLifePpm * ThroughputWh / (Million * options.CyclesToEndOfLife);
        var aged = (Int128)options.CapacityWh * options.CalendarPpmPerYear * days / (365 * Million);
        _usableWh = Math.Max(0, options.CapacityWh - (long)cycled - (long)aged);
    }

    /// <param name="wantedAcWh">Up to this much of the home's wires; below zero it gives.</param>
    /// <param name="keepWh">The cells give nothing below it.</param>
    public BatteryFlow Run(long wantedAcWh, long keepWh = 0)
    {
        var flow = Foresee(wantedAcWh, keepWh);
        var moved = flow.DischargeWh > 0 ? flow.DischargeWh : flow.ChargeWh + flow.LossWh;
        _carry = ((moved * _lossPpm) + _carry) % Million;
        StoredWh += flow.ChargeWh - flow.DischargeWh;
        ThroughputWh += flow.ChargeWh;
        return flow;
    }

    /// <summary>What <see cref="Run"/> would do; nothing changes.</summary>
    public BatteryFlow Foresee(long wantedAcWh, long keepWh = 0) =>
        wantedAcWh >= 0 ? Charge(wantedAcWh) : Discharge(-wantedAcWh, keepWh);

    /// <summary>What must go in on one way so that this comes out.</summary>
    public long Into(long energyWh) => energyWh + (energyWh * _lossPpm / (Million - _lossPpm));

    /// <summary>What comes out on one way when this goes in.</summary>
    public long OutOf(long energyWh) => energyWh - (energyWh * _lossPpm / Million);

    /// <summary>As much as fits: what rounds the loss down never makes the cells take more than their room.</summary>
    private BatteryFlow Charge(long offeredWh)
    {
        var room = Math.Max(0, _usableWh - StoredWh);
        var taken = Math.Min(Math.Min(offeredWh, _mostWh), Into(room));
        var loss = LossOf(taken);
        return new BatteryFlow(taken - loss, 0, loss);
    }

    private BatteryFlow Discharge(long askedWh, long keepWh)
    {
        var asked = Math.Min(askedWh, _mostWh);
        var discharge = Math.Min(Math.Min(Math.Max(0, StoredWh - keepWh), _mostWh), Into(asked));
        return new BatteryFlow(0, discharge, LossOf(discharge));
    }

    private long LossOf(long energyWh) => ((energyWh * _lossPpm) + _carry) / Million;
}

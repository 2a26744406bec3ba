namespace GridTokenX.Protocol.Units;

/// <summary>Energy in whole watt-hours. Never rounds: a conversion that would lose something fails.</summary>
public readonly record struct WattHours(long Value) : IComparable<WattHours>
{
    /// <summary>1 kWh = 1 GRID = 10^9 base units, so 1 Wh = 10^6.</summary>
    public const long GridBaseUnitsPerWh = 1_000_000;

    public static WattHours Zero => default;

    public static WattHours operator +(WattHours left, WattHours right) => new(checked(left.Value + right.Value));

    public static WattHours operator -(WattHours left, WattHours right) => new(checked(left.Value - right.Value));

    public static bool operator <(WattHours left, WattHours right) => left.Value < right.Value;

    public static bool operator >(WattHours left, WattHours right) => left.Value > right.Value;

    public static bool operator <=(WattHours left, WattHours right) => left.Value <= right.Value;

    public static bool operator >=(WattHours left, WattHours right) => left.Value >= right.Value;

    public static WattHours Min(WattHours left, WattHours right) => left.Value <= right.Value ? left : right;

    /// <summary>False when the amount is not a whole number of Wh, or too large.</summary>
    public static bool TryFromKwh(decimal kwh, out WattHours energy) =>
        FixedPoint.TryScale(kwh, 1_000, out energy, static v => new(v));

    public decimal ToKwh() => Value / 1_000m;

    /// <summary>GRID base units of this energy (9 decimals).</summary>
    /// <exception cref="OverflowException">Negative, or beyond 64 bits.</exception>
    public ulong ToGridBaseUnits() => checked((ulong)Value * GridBaseUnitsPerWh);

    public int CompareTo(WattHours other) => Value.CompareTo(other.Value);

    public override string ToString() => $"{Value} Wh";
}

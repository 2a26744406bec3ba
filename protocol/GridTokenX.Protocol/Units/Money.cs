namespace GridTokenX.Protocol.Units;

/// <summary>Money in micro-GRX (µGRX, 10^-6 GRX).</summary>
public readonly record struct MicroGrx(long Value) : IComparable<MicroGrx>
{
    public static MicroGrx Zero => default;

    public static MicroGrx operator +(MicroGrx left, MicroGrx right) => new(checked(left.Value + right.Value));

    public static MicroGrx operator -(MicroGrx left, MicroGrx right) => new(checked(left.Value - right.Value));

    public static bool operator <(MicroGrx left, MicroGrx right) => left.Value < right.Value;

    public static bool operator >(MicroGrx left, MicroGrx right) => left.Value > right.Value;

    public static bool operator <=(MicroGrx left, MicroGrx right) => left.Value <= right.Value;

    public static bool operator >=(MicroGrx left, MicroGrx right) => left.Value >= right.Value;

    /// <summary>False when the amount has more than six decimals, or is too large.</summary>
    public static bool TryFromGrx(decimal grx, out MicroGrx amount) =>
        FixedPoint.TryScale(grx, 1_000_000, out amount, static v => new(v));

    /// <summary>The fee on this value, rounded down: floor(value × bps / 10 000).</summary>
    public MicroGrx Fee(int basisPoints) => new(checked((long)((Int128)Value * basisPoints / 10_000)));

    public decimal ToGrx() => Value / 1_000_000m;

    public int CompareTo(MicroGrx other) => Value.CompareTo(other.Value);

    public override string ToString() => $"{Value} µGRX";
}

/// <summary>A price in µGRX per kWh.</summary>
public readonly record struct PricePerKwh(long Value) : IComparable<PricePerKwh>
{
    public static bool operator <(PricePerKwh left, PricePerKwh right) => left.Value < right.Value;

    public static bool operator >(PricePerKwh left, PricePerKwh right) => left.Value > right.Value;

    public static bool operator <=(PricePerKwh left, PricePerKwh right) => left.Value <= right.Value;

    public static bool operator >=(PricePerKwh left, PricePerKwh right) => left.Value >= right.Value;

    /// <summary>False when the price has more than six decimals, or is too large.</summary>
    public static bool TryFromGrx(decimal grxPerKwh, out PricePerKwh price) =>
        FixedPoint.TryScale(grxPerKwh, 1_000_000, out price, static v => new(v));

    /// <summary>The value of an energy at this price, rounded down: floor(Wh × price / 1000) in 128 bits.</summary>
    /// <exception cref="OverflowException">The value does not fit 64 bits.</exception>
    public MicroGrx ValueOf(WattHours energy) => new(checked((long)((Int128)energy.Value * Value / 1_000)));

    public decimal ToGrx() => Value / 1_000_000m;

    public int CompareTo(PricePerKwh other) => Value.CompareTo(other.Value);

    public override string ToString() => $"{Value} µGRX/kWh";
}

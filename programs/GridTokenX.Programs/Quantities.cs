namespace GridTokenX.Programs;

/// <summary>The programs' arithmetic: 128-bit products, divisions round down.</summary>
public static class Quantities
{
    public const byte GridDecimals = 9;
    public const byte GrxDecimals = 6;

    /// <summary>GRID base units of 1 Wh.</summary>
    public const ulong BaseUnitsPerWattHour = 1_000_000;

    /// <summary>GRID base units of 1 kWh.</summary>
    public const ulong BaseUnitsPerKilowattHour = 1_000_000_000;

    public const ulong MaxFeeBasisPoints = 1_000;

    private const ulong BasisPoints = 10_000;

    /// <summary>What the energy is worth, µGRX.</summary>
    /// <param name="amount">GRID base units.</param>
    /// <param name="price">µGRX per kWh.</param>
    /// <exception cref="OverflowException">Above 2^64 − 1 µGRX.</exception>
    public static ulong Value(ulong amount, ulong price) =>
        checked((ulong)((UInt128)amount * price / BaseUnitsPerKilowattHour));

    /// <summary>µGRX.</summary>
    /// <param name="value">µGRX.</param>
    public static ulong Fee(ulong value, ushort feeBasisPoints) =>
        checked((ulong)((UInt128)value * feeBasisPoints / BasisPoints));
}

using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Effects;

/// <summary>What a match entails besides moving energy and money: pure numbers, to be written with the match.</summary>
/// <param name="Retired">GRID base units to retire: 1 GRID a kWh delivered; 0 when burning is off.</param>
/// <param name="SellerYieldPerYear">5 % of the value a year, rounded down; it accrues with time.</param>
/// <param name="PoolYield">2.5 % of the value for the liquidity pool, once, rounded down.</param>
/// <param name="CarbonGrams">0.82 kg CO2 a kWh, rounded down to whole grams.</param>
public readonly record struct MatchEffects(
    ulong Retired, MicroGrx SellerYieldPerYear, MicroGrx PoolYield, long CarbonGrams)
{
    public const int SellerYieldBasisPoints = 500;
    public const int PoolYieldBasisPoints = 250;
    public const int CarbonGramsPerKwh = 820;

    public static MatchEffects Of(WattHours energy, MicroGrx value, bool burnOnSettlement) => new(
        burnOnSettlement ? energy.ToGridBaseUnits() : 0,
        value.Fee(SellerYieldBasisPoints),
        value.Fee(PoolYieldBasisPoints),
        CarbonGramsOf(energy));

    /// <summary>floor(Wh × 820 / 1000).</summary>
    public static long CarbonGramsOf(WattHours energy) =>
        checked((long)((Int128)energy.Value * CarbonGramsPerKwh / 1_000));
}

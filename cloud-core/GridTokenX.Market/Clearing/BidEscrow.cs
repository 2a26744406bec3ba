using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Clearing;

/// <summary>
/// A buy order's escrow is the value of all its energy at its limit. Each fill uses the share by which that value
/// grows with the filled energy, so the shares of all fills and the rest add up to the escrow, whatever each of them
/// rounds away.
/// </summary>
public static class BidEscrow
{
    /// <summary>floor(energy × limit / 1000).</summary>
    public static MicroGrx Of(PricePerKwh limit, WattHours energy) => limit.ValueOf(energy);

    /// <summary>What a fill uses: never below the fill's value at any price up to the limit.</summary>
    public static MicroGrx Share(PricePerKwh limit, WattHours filledBefore, WattHours filledAfter) =>
        limit.ValueOf(filledAfter) - limit.ValueOf(filledBefore);

    /// <summary>What no fill has used: goes back when the order closes.</summary>
    public static MicroGrx Rest(PricePerKwh limit, WattHours energy, WattHours filled) =>
        limit.ValueOf(energy) - limit.ValueOf(filled);
}

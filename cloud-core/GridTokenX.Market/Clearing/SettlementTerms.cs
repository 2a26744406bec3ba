using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Clearing;

/// <summary>Where a match's share of the bid's escrow goes; the three parts add up to it.</summary>
/// <param name="ToSeller">Value less fee.</param>
/// <param name="Fee">floor(value × basis points / 10 000).</param>
/// <param name="Refund">Back to the buyer: share less value.</param>
public readonly record struct SettlementTerms(MicroGrx ToSeller, MicroGrx Fee, MicroGrx Refund)
{
    public const int MaxFeeBasisPoints = 10_000;

    /// <exception cref="ArgumentOutOfRangeException">
    /// The fee lies outside 0–10 000 basis points, the value below zero, or the share below the value.
    /// </exception>
    public static SettlementTerms Of(MicroGrx value, MicroGrx buyerShare, int feeBasisPoints)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(feeBasisPoints);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(feeBasisPoints, MaxFeeBasisPoints);
        ArgumentOutOfRangeException.ThrowIfLessThan(value, MicroGrx.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(buyerShare, value);
        var fee = value.Fee(feeBasisPoints);
        return new SettlementTerms(value - fee, fee, buyerShare - value);
    }
}

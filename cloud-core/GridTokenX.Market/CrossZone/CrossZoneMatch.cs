using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.CrossZone;

/// <summary>
/// A bid and an ask come together, of two zones or of one. The buyer pays <see cref="Total"/>; the seller gets
/// <see cref="Value"/> (less the fee), the grid <see cref="Wheeling"/>. The ask is filled by the energy sent, the bid
/// by what arrives or, by <see cref="TradePoint"/>, by the same.
/// </summary>
public sealed record CrossZoneMatch
{
    public required string BuyerZone { get; init; }

    public required string SellerZone { get; init; }

    public required long Bid { get; init; }

    public required long Ask { get; init; }

    public required WattHours Sent { get; init; }

    public required WattHours Arriving { get; init; }

    /// <summary>The seller's limit.</summary>
    public required PricePerKwh Price { get; init; }

    /// <summary>Of the energy sent at the price, rounded down.</summary>
    public required MicroGrx Value { get; init; }

    /// <summary>Of the energy that arrives at the wheeling charge, rounded down.</summary>
    public required MicroGrx Wheeling { get; init; }

    /// <summary>What of the bid's escrow this match uses; never below the total.</summary>
    public required MicroGrx BuyerShare { get; init; }

    public WattHours Lost => Sent - Arriving;

    public MicroGrx Total => Value + Wheeling;

    public MicroGrx Refund => BuyerShare - Total;
}

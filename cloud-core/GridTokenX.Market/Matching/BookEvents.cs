using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Matching;

/// <summary>Why an operation was refused and changed nothing. When several apply, the first of the list.</summary>
public enum RejectReason
{
    None = 0,

    /// <summary>Not above the sequence of the last order accepted: repeated, or out of order.</summary>
    SequenceNotAscending,

    /// <summary>Neither bid nor ask, no time in force, or a target that does not belong there.</summary>
    Malformed,

    PriceOutOfBounds,

    EnergyOutOfBounds,

    /// <summary>Expires at or before the present time of the book.</summary>
    AlreadyExpired,

    BookFull,

    /// <summary>The order is not in the book (any more): unknown, filled, cancelled or expired.</summary>
    UnknownOrder,

    /// <summary>A direct purchase of an own order.</summary>
    SelfTrade,
}

public enum CancelReason
{
    None = 0,

    Requested,

    /// <summary>The rest of an order that may not rest.</summary>
    Immediate,

    /// <summary>A fill-or-kill order that could not have all of its energy.</summary>
    Killed,

    /// <summary>Met an order of its own owner.</summary>
    SelfTrade,
}

/// <summary>A bid and an ask come together.</summary>
public readonly record struct BookMatch
{
    public required long Bid { get; init; }

    public required long Ask { get; init; }

    public required WattHours Energy { get; init; }

    public required PricePerKwh Price { get; init; }

    public required PricePerKwh BidLimit { get; init; }

    public required PricePerKwh AskLimit { get; init; }

    /// <summary>All of the bid's energy, with what was filled before.</summary>
    public required WattHours BidEnergy { get; init; }

    /// <summary>What the bid still wants afterwards.</summary>
    public required WattHours BidRest { get; init; }

    /// <summary>What the ask still offers afterwards.</summary>
    public required WattHours AskRest { get; init; }

    /// <summary>Of the energy at the price, rounded down.</summary>
    public MicroGrx Value => Price.ValueOf(Energy);

    /// <summary>What of the bid's escrow this match uses; never below the value.</summary>
    public MicroGrx BuyerShare => BidEscrow.Share(BidLimit, BidEnergy - BidRest - Energy, BidEnergy - BidRest);
}

/// <summary>
/// Hears of everything that happens in a book, while it happens and in this order. A listener may read the book, and
/// must not change it. A struct costs the book no indirect call.
/// </summary>
public interface IBookListener
{
    void Accepted(in NewOrder order);

    /// <param name="order">The sequence the operation named.</param>
    /// <param name="reason">Nothing has changed.</param>
    void Rejected(long order, RejectReason reason);

    void Rested(long order, WattHours rest);

    void Matched(in BookMatch match);

    /// <summary>
    /// Filled in part or whole by an order of another zone; the match itself stands with who matched the two.
    /// </summary>
    void MatchedAcross(long order, WattHours energy, WattHours rest);

    void Reduced(long order, WattHours by, WattHours rest);

    void Cancelled(long order, WattHours rest, CancelReason reason);

    void Expired(long order, WattHours rest);
}

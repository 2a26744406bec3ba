using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Matching;

public enum Side
{
    None = 0,

    /// <summary>Buys.</summary>
    Bid,

    /// <summary>Sells.</summary>
    Ask,
}

/// <summary>An order as the book takes it: limits and quantities, nothing of who knows about it.</summary>
public sealed record Order
{
    public required Guid Id { get; init; }

    /// <summary>The order of acceptance, unique in the book: time priority.</summary>
    public required long Sequence { get; init; }

    /// <summary>Orders of one owner never match each other.</summary>
    public required Guid Owner { get; init; }

    public required Side Side { get; init; }

    /// <summary>Above zero.</summary>
    public required PricePerKwh Limit { get; init; }

    /// <summary>As ordered; above zero.</summary>
    public required WattHours Energy { get; init; }

    /// <summary>Matched before it came into this book; below <see cref="Energy"/>.</summary>
    public WattHours Filled { get; init; }

    /// <summary>From this instant on it may not match.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>A direct purchase: the one ask that this bid takes.</summary>
    public Guid? Target { get; init; }

    public WattHours Rest => Energy - Filled;
}

/// <summary>A bid and an ask come together.</summary>
/// <param name="Bid">The buy order.</param>
/// <param name="Ask">The sell order.</param>
/// <param name="Energy">The smaller of the two rests.</param>
/// <param name="Price">The ask's limit.</param>
/// <param name="Value">Of the energy at the price, rounded down.</param>
/// <param name="BuyerShare">What of the bid's escrow this match uses; never below the value.</param>
public sealed record Match(
    Guid Bid, Guid Ask, WattHours Energy, PricePerKwh Price, MicroGrx Value, MicroGrx BuyerShare);

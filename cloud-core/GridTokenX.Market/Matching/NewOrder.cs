using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Matching;

public enum TimeInForce
{
    None = 0,

    /// <summary>Rests until it is filled, cancelled or expired.</summary>
    GoodTillCancelled,

    /// <summary>Takes what it can at once, which is in the first auction where one decides; the rest is cancelled.
    /// </summary>
    ImmediateOrCancel,

    /// <summary>Takes all of its energy at once, or nothing.</summary>
    FillOrKill,
}

/// <summary>An instant of market time, in ticks (100 ns) of UTC.</summary>
public readonly record struct MarketTime(long UtcTicks)
{
    /// <summary>Later than every instant: of an order that does not expire.</summary>
    public static MarketTime Never => new(long.MaxValue);

    public static MarketTime At(DateTimeOffset time) => new(time.UtcTicks);
}

/// <summary>An order on its way into a book.</summary>
public readonly record struct NewOrder
{
    /// <summary>
    /// The order's number in the book and its time priority: above that of every order accepted before. The book finds
    /// orders fastest when numbers are given out without large gaps.
    /// </summary>
    public required long Sequence { get; init; }

    /// <summary>Orders of one owner never match each other.</summary>
    public required long Owner { get; init; }

    public required Side Side { get; init; }

    public required PricePerKwh Limit { get; init; }

    /// <summary>As ordered.</summary>
    public required WattHours Energy { get; init; }

    /// <summary>Matched before it came into this book; below <see cref="Energy"/>.</summary>
    public WattHours Filled { get; init; }

    /// <summary>From this instant on it may not match.</summary>
    public required MarketTime ExpiresAt { get; init; }

    public required TimeInForce TimeInForce { get; init; }

    /// <summary>A direct purchase: the sequence of the one ask that this bid takes at once; otherwise 0.</summary>
    public long Target { get; init; }
}

namespace GridTokenX.Market.Matching;

public enum MatchingMode
{
    None = 0,

    /// <summary>An order is matched when it arrives.</summary>
    Continuous,

    /// <summary>
    /// Orders wait for the next cycle or auction. One that may not rest ends the wait of all: the cycle runs, and then
    /// it takes from what is left.
    /// </summary>
    Gathering,

    /// <summary>
    /// Orders wait for an auction, or to be matched with those of other zones. Only a direct purchase takes at once
    /// what it names; another order that may not rest waits too, and whoever runs the book takes it out after the
    /// first auction or cycle that it was in. Nobody takes it by a direct purchase meanwhile.
    /// </summary>
    Waiting,
}

/// <summary>What happens when an order meets one of its own owner. They never trade.</summary>
public enum SelfTradePrevention
{
    None = 0,

    /// <summary>The incoming order goes on to the next one; both stay.</summary>
    PassOver,

    /// <summary>The resting order is cancelled, and the incoming one goes on.</summary>
    CancelResting,

    /// <summary>The incoming order's rest is cancelled; the resting one stays.</summary>
    CancelIncoming,

    /// <summary>Both are cancelled.</summary>
    CancelBoth,
}

public enum TradePrice
{
    None = 0,

    /// <summary>The seller's limit, whoever came first.</summary>
    Ask,

    /// <summary>The limit of the order that was there first, as on most exchanges.</summary>
    Resting,
}

/// <summary>How a book matches and what it accepts; fixed for its life.</summary>
public sealed record BookRules
{
    public MatchingMode Mode { get; init; } = MatchingMode.Continuous;

    public SelfTradePrevention SelfTrade { get; init; } = SelfTradePrevention.PassOver;

    public TradePrice Price { get; init; } = TradePrice.Ask;

    /// <summary>Two orders match only when what is left of them is equal: nothing is ever filled in part.</summary>
    public bool ExactQuantity { get; init; }

    /// <summary>The lowest limit, µGRX per kWh; at least 1. Also the place for a feed-in price as floor.</summary>
    public long MinPrice { get; init; } = 1;

    /// <summary>The highest limit, µGRX per kWh. Also the place for a retail price as ceiling.</summary>
    public long MaxPrice { get; init; } = 10_000_000_000;

    /// <summary>The most energy of one order, Wh.</summary>
    public long MaxEnergy { get; init; } = 100_000_000;

    /// <summary>The most orders that rest at a time.</summary>
    public int MaxOrders { get; init; } = 4_000_000;

    /// <summary>Orders that find room without the book growing; beyond them it doubles.</summary>
    public int ExpectedOrders { get; init; } = 1_024;

    /// <summary>Limits that find room on each side without the book growing; beyond them it doubles.</summary>
    public int ExpectedPrices { get; init; } = 128;

    /// <exception cref="InvalidOperationException">
    /// A rule is missing or a bound is out of range. The bounds together keep every value and every sum of energy
    /// within 64 bits, so that no operation on the book can overflow.
    /// </exception>
    internal BookRules Checked()
    {
        var modes = Mode != MatchingMode.None && SelfTrade != SelfTradePrevention.None && Price != TradePrice.None;
        var prices = MinPrice >= 1 && MaxPrice >= MinPrice;
        var sizes = MaxEnergy >= 1 && MaxOrders is >= 1 and <= 1 << 28 && ExpectedOrders >= 1
            && ExpectedOrders <= MaxOrders && ExpectedPrices is >= 1 and <= 1 << 20;
        var sums = (Int128)MaxEnergy * MaxPrice / 1_000 <= long.MaxValue
            && (Int128)MaxEnergy * MaxOrders <= long.MaxValue;
        return modes && prices && sizes && sums
            ? this
            : throw new InvalidOperationException($"These rules make no book: {this}.");
    }
}

using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>
/// An endless run of operations from one seed: few prices, quantities and owners, so that ties, own orders in the way
/// and equal quantities are common, and now and then something far off, malformed or long gone.
/// </summary>
internal sealed class GeneratedOperations(ulong seed)
{
    private static readonly long[] FarPrices = [1, 2, 3, 999_983, 5_000_000_000, 9_999_999_999, 10_000_000_000];
    private readonly SplitMix _random = new(seed);
    private long _sequence;
    private long _now = An.Noon.UtcTicks;

    internal static BookRules Rules(ulong seed)
    {
        var random = new SplitMix(~seed);
        return new BookRules
        {
            Mode = (MatchingMode)(1 + random.Below(3)),
            SelfTrade = (SelfTradePrevention)(1 + random.Below(4)),
            Price = (TradePrice)(1 + random.Below(2)),
            ExactQuantity = random.Below(5) == 0,
            MaxOrders = random.Below(4) == 0 ? 20 : 4_000_000,
            ExpectedOrders = 1 + random.Below(20),
            ExpectedPrices = 1 + random.Below(4),
        };
    }

    internal IEnumerable<BookOperation> Take(int count) => Enumerable.Range(0, count).Select(_ => Next());

    private BookOperation Next() => _random.Below(100) switch
    {
        < 60 => BookOperation.Place(Order()),
        < 75 => BookOperation.Cancel(Recent()),
        < 82 => BookOperation.Reduce(Recent(), new WattHours(_random.Below(4) * 100)),
        < 86 => BookOperation.MatchAcross(Recent(), new WattHours(_random.Below(4) * 100)),
        < 91 => BookOperation.AdvanceTo(Later()),
        < 94 => BookOperation.SetDynamicPrice(_random.Below(3) == 0 ? null : new PricePerKwh(Price())),
        < 96 => BookOperation.Restore(Order()),
        _ => BookOperation.Match(),
    };

    private NewOrder Order()
    {
        _sequence += _random.Below(10) == 0 ? _random.Below(3) : 1;
        var side = _random.Below(300) == 0 ? Side.None : (Side)(1 + _random.Below(2));
        var energy = (_random.Below(300) == 0 ? 0 : 1 + _random.Below(6)) * 100L;
        return new NewOrder
        {
            Sequence = _sequence,
            Owner = _random.Below(6),
            Side = side,
            Limit = new PricePerKwh(_random.Below(300) == 0 ? 0 : Price()),
            Energy = new WattHours(energy),
            Filled = new WattHours(_random.Below(12) == 0 ? _random.Below(3) * 100 : 0),
            ExpiresAt = _random.Below(3) == 0 ? MarketTime.Never : new MarketTime(_now + _random.Below(200)),
            TimeInForce = _random.Below(4) == 0 ? (TimeInForce)_random.Below(4) : TimeInForce.GoodTillCancelled,
            Target = _random.Below(12) == 0 ? Recent() : 0,
        };
    }

    /// <summary>Now and then a little earlier.</summary>
    private MarketTime Later()
    {
        _now += _random.Below(40) - 5;
        return new MarketTime(_now);
    }

    private long Price() => _random.Below(12) == 0
        ? FarPrices[_random.Below(FarPrices.Length)]
        : 4_000_000 + (_random.Below(9) * 10_000);

    private long Recent() => Math.Max(0, _sequence - _random.Below(30));
}

/// <summary>The SplitMix64 generator (Steele, Lea and Flood, 2014): the same numbers everywhere.</summary>
internal sealed class SplitMix(ulong seed)
{
    private ulong _state = seed;

    internal int Below(int bound)
    {
        var word = _state = unchecked(_state + 0x9E3779B97F4A7C15);
        word = unchecked((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9);
        word = unchecked((word ^ (word >> 27)) * 0x94D049BB133111EB);
        return (int)((word ^ (word >> 31)) % (ulong)bound);
    }
}

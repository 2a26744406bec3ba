using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>
/// An endless run of operations from one seed: few prices, quantities and owners, so that ties, own orders in the way
/// and equal quantities are common, and now and then something far off, malformed or long gone. A wide run has 5,000
/// prices, of which few cross, hundreds of owners, and orders that live long, each until an instant of its own.
/// </summary>
internal sealed class GeneratedOperations(ulong seed, bool isWide = false)
{
    private const int WidePrices = 5_000;

    private static readonly long[] FarPrices = [1, 2, 3, 999_983, 5_000_000_000, 9_999_999_999, 10_000_000_000];
    private readonly SplitMix _random = new(seed);
    private readonly bool _isExact = Rules(seed).ExactQuantity;
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

    internal static BookRules WideRules(ulong seed) => Rules(seed) with { MaxOrders = 100_000 };

    internal IEnumerable<BookOperation> Take(int count) => Enumerable.Range(0, count).Select(_ => Next());

    private BookOperation Next() => _random.Below(100) switch
    {
        < 60 => BookOperation.Place(Order()),
        < 75 => BookOperation.Cancel(Recent()),
        < 82 => BookOperation.Reduce(Recent(), Part()),
        < 86 => BookOperation.MatchAcross(Recent(), Part()),
        < 91 => BookOperation.AdvanceTo(Later()),
        < 94 => BookOperation.SetDynamicPrice(_random.Below(3) == 0 ? null : new PricePerKwh(Price(Side.Bid))),
        < 96 => BookOperation.Restore(Order() with { TimeInForce = TimeInForce.GoodTillCancelled }),
        < 99 => BookOperation.Match(),
        _ => MayAuction() ? BookOperation.Auction((Rationing)(1 + _random.Below(2))) : BookOperation.Match(),
    };

    /// <summary>Never of exact quantities; seldom where it would clear what is to gather.</summary>
    private bool MayAuction() => !_isExact && (!isWide || _random.Below(20) == 0);

    private NewOrder Order()
    {
        _sequence += _random.Below(10) == 0 ? _random.Below(3) : 1;
        var side = _random.Below(300) == 0 ? Side.None : (Side)(1 + _random.Below(2));
        return new NewOrder
        {
            Sequence = _sequence,
            Owner = _random.Below(isWide ? 500 : 6),
            Side = side,
            Limit = new PricePerKwh(_random.Below(300) == 0 ? 0 : Price(side)),
            Energy = Energy(),
            Filled = new WattHours(_random.Below(12) == 0 ? _random.Below(3) * 100 : 0),
            ExpiresAt = _random.Below(3) == 0 ? MarketTime.Never : Soon(),
            TimeInForce = _random.Below(4) == 0 ? (TimeInForce)_random.Below(4) : TimeInForce.GoodTillCancelled,
            Target = _random.Below(12) == 0 ? Recent() : 0,
        };
    }

    private MarketTime Soon() => new(_now + _random.Below(isWide ? 200_000 : 200));

    /// <summary>Now and then a little earlier.</summary>
    private MarketTime Later()
    {
        _now += _random.Below(isWide ? 400 : 40) - 5;
        return new MarketTime(_now);
    }

    /// <summary>Half of them alike, so that equal ones meet; the others leave fractions of every value.</summary>
    private WattHours Energy() => new(_random.Below(300) switch
    {
        0 => 0,
        1 => new BookRules().MaxEnergy,
        < 150 => (1 + _random.Below(6)) * 100,
        _ => 1 + _random.Below(999),
    });

    private WattHours Part() => new(_random.Below(2) == 0 ? _random.Below(4) * 100 : _random.Below(400));

    private long Price(Side side)
    {
        if (_random.Below(12) == 0)
        {
            return FarPrices[_random.Below(FarPrices.Length)];
        }

        // Drawn wide, only a tenth of either side reaches the other.
        var apart = side == Side.Ask ? WidePrices * 9 / 10 : 0;
        return isWide
            ? 4_000_000 + ((apart + _random.Below(WidePrices)) * 7)
            : 4_000_000 + (_random.Below(9) * 10_007);
    }

    private long Recent() => Math.Max(0, _sequence - _random.Below(isWide ? 3_000 : 30));
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

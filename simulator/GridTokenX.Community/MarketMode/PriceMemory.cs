using GridTokenX.Community.Weather;

namespace GridTokenX.Community.MarketMode;

/// <summary>What a zone's homes did in an epoch, with neighbours and with other zones: Wh and µGRX.</summary>
internal record struct ZoneSums
{
    public long Bids { get; set; }

    public long Asks { get; set; }

    /// <summary>As it arrived.</summary>
    public long Bought { get; set; }

    /// <summary>For it, with wheeling.</summary>
    public long Paid { get; set; }

    /// <summary>As it was sent.</summary>
    public long Sold { get; set; }

    public long Earned { get; set; }

    /// <summary>Of what was sold, by homes whose batteries sold on purpose.</summary>
    public long SoldByBatteries { get; set; }
}

/// <summary>
/// What a zone's agents expect of each quarter hour of a day: exponential means of what trades cost, of what a bid
/// cost, be it a neighbour or the utility who served it, and of what an ask brought. Where nothing traded, the
/// utility's price stands for the market's: retail when all wanted to buy, feed-in when all wanted to sell, the middle
/// when they did not agree.
/// </summary>
internal sealed class PriceMemory
{
    private const int Tail = EpochTime.PerDay / 5;
    private const long NewPermille = 300;

    private readonly long[] _expected = new long[EpochTime.PerDay];
    private readonly long[] _costs = new long[EpochTime.PerDay];
    private readonly long[] _earnings = new long[EpochTime.PerDay];
    private readonly long[] _room = new long[EpochTime.PerDay];
    private readonly long[] _sorted = new long[EpochTime.PerDay];
    private readonly long[] _avoidable = new long[EpochTime.PerDay];
    private long[] _retail = [];

    public PriceMemory(long first)
    {
        Array.Fill(_expected, first);
        Array.Fill(_costs, first);
        Array.Fill(_earnings, first);
    }

    /// <summary>At or below it is the cheapest fifth of the day.</summary>
    public long Cheap { get; private set; }

    /// <summary>At or above it is the dearest fifth of the day.</summary>
    public long Dear { get; private set; }

    public long At(int quarter) => _expected[quarter];

    /// <summary>What an ask is expected to bring, be it of a neighbour or of the utility.</summary>
    public long Earnings(int quarter) => _earnings[quarter];

    /// <summary>Wh that batteries could sell there the day before: what of the bids nobody else served.</summary>
    public long Room(int quarter) => _room[quarter];

    /// <summary>The utility's, so many quarter hours from now.</summary>
    public long Retail(int ahead) => _retail[ahead];

    /// <summary>The utility takes the same for all of the day ahead.</summary>
    public bool IsFlat { get; private set; }

    /// <summary>What a home is expected to pay for what it needs so many quarter hours from now.</summary>
    public long Avoidable(int ahead) => _avoidable[ahead];

    /// <summary>Before an epoch: where its price stands in the day, and what lies ahead.</summary>
    /// <param name="quarter">Of the day.</param>
    /// <param name="retail">The utility's prices of a day from now on.</param>
    public void Look(int quarter, long[] retail)
    {
        _retail = retail;
        IsFlat = retail.AsSpan().IndexOfAnyExcept(retail[0]) < 0;
        _expected.CopyTo(_sorted, 0);
        Array.Sort(_sorted);
        Cheap = _sorted[Tail];
        Dear = _sorted[^(Tail + 1)];
        for (var ahead = 0; ahead < _avoidable.Length; ahead++)
        {
            _avoidable[ahead] = Math.Min(retail[ahead], _costs[(quarter + ahead) % EpochTime.PerDay]);
        }
    }

    /// <summary>A quarter hour in which nobody wanted anything teaches nothing.</summary>
    public void Learn(int quarter, in ZoneSums zone, long retail, long feedIn)
    {
        if (zone.Bids == 0 && zone.Asks == 0)
        {
            return;
        }

        var price = PriceOf(zone, retail, feedIn);
        Blend(ref _expected[quarter], price);
        Blend(ref _costs[quarter], zone.Bids == 0
            ? price
            : (long)((((Int128)zone.Paid * 1_000) + ((Int128)(zone.Bids - zone.Bought) * retail)) / zone.Bids));
        Blend(ref _earnings[quarter], zone.Asks == 0
            ? (retail + feedIn) / 2
            : (long)((((Int128)zone.Earned * 1_000) + ((Int128)(zone.Asks - zone.Sold) * feedIn)) / zone.Asks));
        _room[quarter] = zone.Bids - zone.Bought + zone.SoldByBatteries;
    }

    private static long PriceOf(in ZoneSums zone, long retail, long feedIn) => zone switch
    {
        { Bought: > 0 } or { Sold: > 0 } =>
            (long)(((Int128)zone.Paid + zone.Earned) * 1_000 / (zone.Bought + zone.Sold)),
        { Asks: 0 } => retail,
        { Bids: 0 } => feedIn,
        _ => (retail + feedIn) / 2,
    };

    private static void Blend(ref long mean, long value) => mean += (value - mean) * NewPermille / 1_000;
}

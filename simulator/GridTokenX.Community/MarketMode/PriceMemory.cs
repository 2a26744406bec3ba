using GridTokenX.Community.Weather;

namespace GridTokenX.Community.MarketMode;

/// <summary>
/// What a zone's agents expect energy to cost at each quarter hour of a day: an exponential mean of what it did cost.
/// Where nothing traded, the utility's price stands for the market's: retail when all wanted to buy, else feed-in.
/// </summary>
internal sealed class PriceMemory
{
    private const int Tail = EpochTime.PerDay / 5;
    private const long NewPermille = 300;

    private readonly long[] _expected = new long[EpochTime.PerDay];
    private readonly long[] _sorted = new long[EpochTime.PerDay];

    public PriceMemory(long first) => Array.Fill(_expected, first);

    /// <summary>At or below it is the cheapest fifth of the day.</summary>
    public long Cheap { get; private set; }

    /// <summary>At or above it is the dearest fifth of the day.</summary>
    public long Dear { get; private set; }

    public long At(int quarter) => _expected[quarter];

    /// <summary>Before an epoch: where its price stands in the day.</summary>
    public void Look()
    {
        _expected.CopyTo(_sorted, 0);
        Array.Sort(_sorted);
        Cheap = _sorted[Tail];
        Dear = _sorted[^(Tail + 1)];
    }

    public void Learn(int quarter, long price) =>
        _expected[quarter] += (price - _expected[quarter]) * NewPermille / 1_000;
}

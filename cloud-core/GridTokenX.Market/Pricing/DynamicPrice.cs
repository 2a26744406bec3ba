using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Pricing;

/// <summary>An optional floor (what the grid pays for feeding in) and ceiling (what it charges at retail).</summary>
public readonly record struct PriceBand(PricePerKwh? FeedIn, PricePerKwh? Retail)
{
    /// <exception cref="InvalidOperationException">The floor lies above the ceiling.</exception>
    public PricePerKwh Clamp(PricePerKwh price)
    {
        if (FeedIn > Retail)
        {
            throw new InvalidOperationException($"The feed-in price {FeedIn} lies above the retail price {Retail}.");
        }

        if (price < FeedIn)
        {
            return FeedIn.Value;
        }

        return price > Retail ? Retail.Value : price;
    }
}

/// <summary>A factor of the price in permille: 1000 leaves it as it is.</summary>
public readonly record struct Permille(int Value)
{
    public static Permille One => new(1_000);
}

/// <summary>
/// price = base × F_soc × F_load × F_time, rounded down once, at the end, and then kept within the band. Each factor
/// is a whole number of permille, rounded down and kept within its bounds:
/// <code>
/// F_soc  = 1000 + SocSlope  × (500 − soc) / 500               full batteries make energy cheap, empty ones dear
/// F_load = 1000 + LoadSlope × (demand − supply) / (demand + supply)     −1 … 1 of the slope; 1000 without either
/// F_time = the quarter hour's entry of the day's table
/// </code>
/// </summary>
public sealed record DynamicPrice
{
    public const int QuartersADay = 96;

    /// <summary>Between a tenth and ten times: no factor can make a price vanish or run away.</summary>
    public static Permille Least => new(100);

    public static Permille Most => new(10_000);

    public required PricePerKwh Base { get; init; }

    public int SocSlope { get; init; } = 200;

    public Permille SocLeast { get; init; } = new(800);

    public Permille SocMost { get; init; } = new(1_200);

    public int LoadSlope { get; init; } = 300;

    public Permille LoadLeast { get; init; } = new(700);

    public Permille LoadMost { get; init; } = new(1_300);

    /// <summary>Of each quarter hour of the local day, from midnight.</summary>
    public IReadOnlyList<Permille> Times { get; init; } = TimeOfUse(onPeak: new(1_150), offPeak: new(850));

    public PriceBand Band { get; init; }

    /// <summary>Thailand's time of use: on peak from 9 to 22 o'clock.</summary>
    public static IReadOnlyList<Permille> TimeOfUse(Permille onPeak, Permille offPeak) =>
        [.. Enumerable.Range(0, QuartersADay).Select(quarter => quarter is >= 9 * 4 and < 22 * 4 ? onPeak : offPeak)];

    /// <param name="soc">Mean state of charge, permille; null without batteries, which leaves the price alone.</param>
    /// <param name="demand">Energy wanted in the zone.</param>
    /// <param name="supply">Energy offered in the zone.</param>
    /// <param name="quarter">Of the local day, 0 to 95.</param>
    /// <exception cref="OverflowException">The price does not fit 64 bits.</exception>
    public PricePerKwh Of(int? soc, WattHours demand, WattHours supply, int quarter)
    {
        var price = (Int128)Base.Value * SocFactor(soc).Value * LoadFactor(demand, supply).Value
            * TimeFactor(quarter).Value / 1_000_000_000;
        return Band.Clamp(new PricePerKwh(checked((long)price)));
    }

    /// <exception cref="ArgumentOutOfRangeException">Not a state of charge.</exception>
    public Permille SocFactor(int? soc)
    {
        if (soc is null)
        {
            return Permille.One;
        }

        if (soc is < 0 or > 1_000)
        {
            throw new ArgumentOutOfRangeException(nameof(soc), soc, "A state of charge has 0 to 1000 permille.");
        }

        return Within(1_000 + FloorDivide(SocSlope * (500L - soc.Value), 500), SocLeast, SocMost);
    }

    public Permille LoadFactor(WattHours demand, WattHours supply)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(demand, WattHours.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(supply, WattHours.Zero);
        var all = (Int128)demand.Value + supply.Value;
        return all == 0
            ? Permille.One
            : Within(
                1_000 + FloorDivide(LoadSlope * ((Int128)demand.Value - supply.Value), all), LoadLeast, LoadMost);
    }

    public Permille TimeFactor(int quarter) => Within(Times[quarter].Value, Least, Most);

    private static Permille Within(Int128 factor, Permille least, Permille most) =>
        new((int)Int128.Clamp(factor, Math.Max(least.Value, Least.Value), Math.Min(most.Value, Most.Value)));

    private static Int128 FloorDivide(Int128 dividend, Int128 divisor)
    {
        var (quotient, remainder) = Int128.DivRem(dividend, divisor);
        return remainder < 0 ? quotient - 1 : quotient;
    }
}

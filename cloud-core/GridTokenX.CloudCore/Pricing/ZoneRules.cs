using GridTokenX.Market.Clearing;
using GridTokenX.Market.Pricing;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Pricing;

/// <summary>How a zone's orders come together.</summary>
public enum ClearingRule
{
    None = 0,

    /// <summary>Every match interval.</summary>
    Continuous,

    /// <summary>Once, at the end of the epoch, at one price. Direct purchases still take place at once.</summary>
    CallAuction,
}

/// <summary>The rules of one zone, complete.</summary>
internal sealed record ZoneRules
{
    private const string ContinuousName = "continuous";
    private const string AuctionName = "call_auction";

    public required string Zone { get; init; }

    public required ClearingRule Rule { get; init; }

    public required Rationing Rationing { get; init; }

    public required bool ExactQuantity { get; init; }

    /// <summary>Bounds of an order's limit.</summary>
    public required PriceBand Band { get; init; }

    public required bool HasGate { get; init; }

    public required int GatePermille { get; init; }

    public required TimeZoneInfo TimeZone { get; init; }

    /// <summary>Matched together with other zones.</summary>
    public bool IsLinked { get; init; }

    /// <summary>Null when it is off.</summary>
    public required DynamicPrice? Price { get; init; }

    public required TimeSpan PriceInterval { get; init; }

    /// <summary>Prices and gate follow readings and the book.</summary>
    public bool AreConditional => HasGate || Price is not null;

    public string RuleName => Rule == ClearingRule.CallAuction ? AuctionName : ContinuousName;

    /// <summary>A sentence when an order may not have this limit here.</summary>
    internal string? FaultOf(PricePerKwh limit)
    {
        if (limit < Band.FeedIn)
        {
            return $"At least the feed-in price, {Band.FeedIn.Value.ToGrx()} GRX per kWh.";
        }

        return limit > Band.Retail ? $"At most the retail price, {Band.Retail.Value.ToGrx()} GRX per kWh." : null;
    }

    /// <exception cref="TimeZoneNotFoundException">Not checked by <see cref="Faults"/> before.</exception>
    internal static ZoneRules Of(string zone, MarketOptions options)
    {
        var own = options.Zones.GetValueOrDefault(zone) ?? options;
        var band = new PriceBand(
            PriceOf(own.FeedInPrice ?? options.FeedInPrice), PriceOf(own.RetailPrice ?? options.RetailPrice));
        var price = own.DynamicPrice ?? options.DynamicPrice ?? new DynamicPriceSettings();
        return new ZoneRules
        {
            Zone = zone,
            Rule = (own.Mode ?? options.Mode) == AuctionName ? ClearingRule.CallAuction : ClearingRule.Continuous,
            Rationing = (own.Rationing ?? options.Rationing) == "pro_rata" ? Rationing.ProRata : Rationing.Time,
            ExactQuantity = own.ExactQuantity ?? options.ExactQuantity ?? false,
            Band = band,
            HasGate = (own.BatteryGate ?? options.BatteryGate) == "community",
            GatePermille = own.BatteryGatePermille ?? options.BatteryGatePermille
                ?? CommunityStateOfCharge.GatePermille,
            TimeZone = TimeZoneInfo.FindSystemTimeZoneById(own.TimeZone ?? options.TimeZone ?? "Asia/Bangkok"),
            Price = price.Enabled ? Formula(price, band) : null,
            PriceInterval = price.Interval,
        };
    }

    /// <param name="prefix">Names the settings in the sentences.</param>
    /// <param name="own">As they are written.</param>
    /// <param name="options">What they are completed from.</param>
    internal static IEnumerable<string> Faults(string prefix, ZoneSettings own, MarketOptions options) =>
        FaultsOfWords(own)
            .Concat(FaultsOfNumbers(own))
            .Concat(FaultsOfPrice(own.DynamicPrice))
            .Concat(FaultsTogether(own, options))
            .Select(fault => prefix + fault);

    private static IEnumerable<string> FaultsOfWords(ZoneSettings own)
    {
        if (own.Mode is not (null or ContinuousName or AuctionName))
        {
            yield return $"{nameof(own.Mode)} is {own.Mode}; it is {ContinuousName} or {AuctionName}.";
        }

        if (own.Rationing is not (null or "time" or "pro_rata"))
        {
            yield return $"{nameof(own.Rationing)} is {own.Rationing}; it is time or pro_rata.";
        }

        if (own.BatteryGate == "seller")
        {
            yield return $"{nameof(own.BatteryGate)} seller needs proofs of each seller's state of charge, "
                + "which no device gives yet; it is off or community.";
        }
        else if (own.BatteryGate is not (null or "off" or "community"))
        {
            yield return $"{nameof(own.BatteryGate)} is {own.BatteryGate}; it is off or community.";
        }

        if (own.TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            yield return $"{nameof(own.TimeZone)} is {zone}, which this machine does not know.";
        }
    }

    private static IEnumerable<string> FaultsOfNumbers(ZoneSettings own)
    {
        if (own.BatteryGatePermille is < 0 or > 1_000)
        {
            yield return $"{nameof(own.BatteryGatePermille)} is {own.BatteryGatePermille}; it goes from 0 to 1000.";
        }

        foreach (var (name, price) in new[]
        {
            (nameof(own.FeedInPrice), own.FeedInPrice), (nameof(own.RetailPrice), own.RetailPrice),
        })
        {
            if (price is not null && PriceOf(price) is null)
            {
                yield return $"{name} is {price}; it is above 0, at most 10000 GRX, six decimals.";
            }
        }
    }

    private static IEnumerable<string> FaultsOfPrice(DynamicPriceSettings? price)
    {
        const string Name = nameof(ZoneSettings.DynamicPrice);
        if (price is null)
        {
            yield break;
        }

        if (PriceOf(price.BasePrice) is null)
        {
            yield return $"{Name}:{nameof(price.BasePrice)} is {price.BasePrice}; it is above 0, six decimals.";
        }

        if (price.Interval < TimeSpan.FromSeconds(1) || price.Interval > TimeSpan.FromHours(1))
        {
            yield return $"{Name}:{nameof(price.Interval)} is {price.Interval}; it goes from a second to an hour.";
        }

        if (price.SocSlope is < 0 or > 1_000 || price.LoadSlope is < 0 or > 1_000)
        {
            yield return $"{Name}: slopes go from 0 to 1000 permille.";
        }

        int[] factors = [price.SocLeast, price.SocMost, price.LoadLeast, price.LoadMost, price.OnPeak, price.OffPeak];
        if (factors.Any(static factor => factor < DynamicPrice.Least.Value || factor > DynamicPrice.Most.Value)
            || price.SocLeast > price.SocMost || price.LoadLeast > price.LoadMost)
        {
            yield return $"{Name}: factors and their bounds go from {DynamicPrice.Least.Value} to "
                + $"{DynamicPrice.Most.Value} permille, the least first.";
        }
    }

    /// <summary>What each may say, and both may not.</summary>
    private static IEnumerable<string> FaultsTogether(ZoneSettings own, MarketOptions options)
    {
        if ((own.ExactQuantity ?? options.ExactQuantity) == true && (own.Mode ?? options.Mode) == AuctionName)
        {
            yield return $"{nameof(own.ExactQuantity)}: an auction fills in part, which exact quantities exclude.";
        }

        if ((own.FeedInPrice ?? options.FeedInPrice) > (own.RetailPrice ?? options.RetailPrice))
        {
            yield return $"{nameof(own.FeedInPrice)} lies above {nameof(own.RetailPrice)}.";
        }
    }

    private static DynamicPrice Formula(DynamicPriceSettings price, PriceBand band) => new()
    {
        Base = PriceOf(price.BasePrice) ?? default,
        SocSlope = price.SocSlope,
        SocLeast = new Permille(price.SocLeast),
        SocMost = new Permille(price.SocMost),
        LoadSlope = price.LoadSlope,
        LoadLeast = new Permille(price.LoadLeast),
        LoadMost = new Permille(price.LoadMost),
        Times = DynamicPrice.TimeOfUse(new Permille(price.OnPeak), new Permille(price.OffPeak)),
        Band = band,
    };

    private static PricePerKwh? PriceOf(decimal? grx) =>
        grx is > 0 and <= 10_000 && PricePerKwh.TryFromGrx(grx.Value, out var price) ? price : null;
}

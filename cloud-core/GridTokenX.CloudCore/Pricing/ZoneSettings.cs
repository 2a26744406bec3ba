namespace GridTokenX.CloudCore.Pricing;

/// <summary>What may be said for one zone; null leaves it to the deployment's setting, that to its default.</summary>
public record ZoneSettings
{
    /// <summary><c>continuous</c> (default) or <c>call_auction</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>Who is served at an auction's margin: <c>time</c> (default) or <c>pro_rata</c>.</summary>
    public string? Rationing { get; init; }

    /// <summary>Orders match only when their rests are equal; not with auctions. Default: no.</summary>
    public bool? ExactQuantity { get; init; }

    /// <summary>Least limit of an order, GRX per kWh: what the grid pays for feeding in. Default: none.</summary>
    public decimal? FeedInPrice { get; init; }

    /// <summary>Highest limit of an order, GRX per kWh: what the grid charges at retail. Default: none.</summary>
    public decimal? RetailPrice { get; init; }

    /// <summary><c>off</c> (default) or <c>community</c>.</summary>
    public string? BatteryGate { get; init; }

    /// <summary>The mean state of charge that opens the gate. Default: 200.</summary>
    public int? BatteryGatePermille { get; init; }

    /// <summary>IANA name of the zone's local time. Default: <c>Asia/Bangkok</c>.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Default: off.</summary>
    public DynamicPriceSettings? DynamicPrice { get; init; }
}

/// <summary>base × F_soc × F_load × F_time; see <see cref="GridTokenX.Market.Pricing.DynamicPrice"/>.</summary>
public sealed record DynamicPriceSettings
{
    public bool Enabled { get; init; }

    /// <summary>GRX per kWh.</summary>
    public decimal BasePrice { get; init; } = 3m;

    /// <summary>Permille from full to half full; 0 leaves batteries out.</summary>
    public int SocSlope { get; init; } = 200;

    public int SocLeast { get; init; } = 800;

    public int SocMost { get; init; } = 1_200;

    /// <summary>Permille between nothing but demand and balance; 0 leaves the book out.</summary>
    public int LoadSlope { get; init; } = 300;

    public int LoadLeast { get; init; } = 700;

    public int LoadMost { get; init; } = 1_300;

    /// <summary>Permille from 9 to 22 o'clock, local time.</summary>
    public int OnPeak { get; init; } = 1_150;

    public int OffPeak { get; init; } = 850;

    /// <summary>The price changes at most this often, and so do the rows that record it.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>A way for energy from one zone into another.</summary>
public sealed record ZoneLinkSettings
{
    public string From { get; init; } = "";

    public string To { get; init; } = "";

    /// <summary>GRX for each kWh that arrives.</summary>
    public decimal WheelingPrice { get; init; }

    /// <summary>Lost of what is sent, in millionths.</summary>
    public int LossPpm { get; init; }

    /// <summary>The most that is sent in one epoch, kWh.</summary>
    public decimal CapacityKwh { get; init; }
}

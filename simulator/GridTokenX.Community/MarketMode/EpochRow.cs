namespace GridTokenX.Community.MarketMode;

/// <summary>One epoch of the whole community: energies in Wh, money in µGRX, prices in µGRX per kWh.</summary>
internal record struct EpochRow
{
    public long Pv { get; set; }

    public long Wind { get; set; }

    public long Load { get; set; }

    public long Vehicle { get; set; }

    public long Climate { get; set; }

    public long Charge { get; set; }

    public long Discharge { get; set; }

    public long Losses { get; set; }

    /// <summary>Sum of the homes' meters.</summary>
    public long Import { get; set; }

    public long Export { get; set; }

    /// <summary>In all cells at the end.</summary>
    public long Stored { get; set; }

    public long Bids { get; set; }

    public long Asks { get; set; }

    /// <summary>As it arrived.</summary>
    public long Traded { get; set; }

    public long TradedAcross { get; set; }

    public long LinkLosses { get; set; }

    public int Trades { get; set; }

    public long Value { get; set; }

    /// <summary>Of the trades; 0 without any.</summary>
    public long PriceLow { get; set; }

    public long PriceHigh { get; set; }

    public long Retail { get; set; }

    public long FeedIn { get; set; }

    /// <summary>Reached within zones, by the homes' own valuations.</summary>
    public long Welfare { get; set; }

    /// <summary>The most that the zones' homes could have reached, all knowing all.</summary>
    public long WelfareMost { get; set; }

    public long VolumeMost { get; set; }

    /// <summary>Bought of the utility: what the market did not cover.</summary>
    public long UtilityImport { get; set; }

    public long UtilityExport { get; set; }

    /// <summary>Sum of the homes' meters in a world without a market.</summary>
    public long ImportAlone { get; set; }

    public long ExportAlone { get; set; }

    public readonly long CommunityImport => Math.Max(0, Import - Export);

    public readonly long CommunityExport => Math.Max(0, Export - Import);

    public readonly long Generation => Pv + Wind;

    public readonly long Consumption => Load + Vehicle + Climate;

    /// <summary>Mean of the trades, rounded down; 0 without any.</summary>
    public readonly long Price => Traded == 0 ? 0 : (long)((Int128)Value * 1_000 / (Traded + LinkLosses));
}

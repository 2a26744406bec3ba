using GridTokenX.Community.Devices;

namespace GridTokenX.Community.MarketMode;

/// <summary>A home's sums over the run: Wh and µGRX.</summary>
internal record struct HomeTotals
{
    public long Generation { get; private set; }

    public long Consumption { get; private set; }

    public long Import { get; private set; }

    public long Export { get; private set; }

    public long Bought { get; set; }

    public long Sold { get; set; }

    /// <summary>Its balance with the utility in a world without a market: its battery keeps its own surplus.</summary>
    public long Alone { get; set; }

    /// <summary>Exported while its readings were refused: nobody paid it.</summary>
    public long Unpaid { get; set; }

    /// <summary>What it claimed beyond the truth.</summary>
    public long FalseClaims { get; set; }

    public void Add(in HomeFlows flows)
    {
        Generation += flows.Generation;
        Consumption += flows.Consumption;
        Import += flows.Import;
        Export += flows.Export;
    }
}

/// <summary>How one kind of agent did. Energies in Wh, money in µGRX.</summary>
internal record struct AgentTotals
{
    public int Homes { get; set; }

    public long Offered { get; set; }

    public long Traded { get; set; }

    /// <summary>Against its own valuations, before fees.</summary>
    public long Surplus { get; set; }
}

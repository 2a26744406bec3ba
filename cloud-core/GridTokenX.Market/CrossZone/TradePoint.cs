namespace GridTokenX.Market.CrossZone;

/// <summary>Where energy of another zone changes hands, and so what a bid is filled by.</summary>
public enum TradePoint
{
    None = 0,

    /// <summary>Where it arrives: the bid is filled by what arrives, and the loss is not its energy.</summary>
    Arrival,

    /// <summary>
    /// Where it is fed in: bid and ask are filled by the same energy, the one sent, which is all that a settlement on
    /// chain can move. The buyer bears the loss: what he pays in all is within his limit for what arrives.
    /// </summary>
    FeedIn,
}

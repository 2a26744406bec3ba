namespace GridTokenX.Protocol.Api;

/// <summary><c>GET /api/market/data?zone=</c>: how a zone's market stands. Prices in GRX per kWh.</summary>
/// <param name="Zone">Which.</param>
/// <param name="Time">Market time of this answer.</param>
/// <param name="Rule"><c>continuous</c> or <c>call_auction</c>.</param>
/// <param name="Epoch">The present one.</param>
/// <param name="EpochEnds">When orders that gather are matched, or the epoch is cleared.</param>
/// <param name="LastPrice">Of the newest trade; null before the first.</param>
/// <param name="LastTradeAt">When that was.</param>
/// <param name="AveragePrice">Weighted by volume, of the last 24 hours.</param>
/// <param name="HighPrice">Of the last 24 hours.</param>
/// <param name="LowPrice">Of the last 24 hours.</param>
/// <param name="VolumeKwh">Of the last 24 hours.</param>
/// <param name="Trades">Of the last 24 hours.</param>
/// <param name="Indicative">What an auction now would give; null when nothing crosses or may match.</param>
/// <param name="Dynamic">Null where there is neither a dynamic price nor a gate.</param>
/// <param name="FeedInPrice">Least limit of an order; null for none of the zone's own.</param>
/// <param name="RetailPrice">Highest limit of an order; null for none of the zone's own.</param>
/// <param name="Bids">By price, the best first; at most as many levels as asked for.</param>
/// <param name="Asks">Likewise.</param>
public sealed record MarketData(
    string Zone,
    DateTimeOffset Time,
    string Rule,
    long Epoch,
    DateTimeOffset EpochEnds,
    decimal? LastPrice,
    DateTimeOffset? LastTradeAt,
    decimal? AveragePrice,
    decimal? HighPrice,
    decimal? LowPrice,
    decimal VolumeKwh,
    long Trades,
    IndicativeAuction? Indicative,
    DynamicPriceView? Dynamic,
    decimal? FeedInPrice,
    decimal? RetailPrice,
    IReadOnlyList<PriceLevel> Bids,
    IReadOnlyList<PriceLevel> Asks);

/// <param name="Price">At which all would trade.</param>
/// <param name="VolumeKwh">What would trade.</param>
/// <param name="ImbalanceKwh">Demand at the price less supply at it.</param>
public sealed record IndicativeAuction(decimal Price, decimal VolumeKwh, decimal ImbalanceKwh);

/// <param name="Price">A match needs a bid at or above it; null where only the gate is on.</param>
/// <param name="Since">When it came about.</param>
/// <param name="GateOpen">Closed, nothing matches.</param>
/// <param name="SocPermille">Mean state of charge of the zone's devices; null without any that is fresh.</param>
/// <param name="SocFactor">Permille.</param>
/// <param name="LoadFactor">Permille.</param>
/// <param name="TimeFactor">Permille.</param>
public sealed record DynamicPriceView(
    decimal? Price,
    DateTimeOffset Since,
    bool GateOpen,
    int? SocPermille,
    int? SocFactor,
    int? LoadFactor,
    int? TimeFactor);

/// <summary>All that rests at one price.</summary>
public sealed record PriceLevel(decimal Price, decimal EnergyKwh, long Orders);

/// <summary><c>GET /api/market/history?zone=</c>: the epochs with trades, the newest first.</summary>
/// <param name="Bars">One an epoch.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record PriceHistoryPage(IReadOnlyList<PriceBarView> Bars, string? Next);

/// <param name="Epoch">Its number.</param>
/// <param name="Start">When it began.</param>
/// <param name="Status">An open epoch's bar still changes.</param>
/// <param name="Open">Price of the first trade.</param>
/// <param name="High">The highest.</param>
/// <param name="Low">The lowest.</param>
/// <param name="Close">Of the last trade.</param>
/// <param name="Average">Weighted by volume, rounded down.</param>
/// <param name="VolumeKwh">In all.</param>
/// <param name="Trades">How many.</param>
public sealed record PriceBarView(
    long Epoch,
    DateTimeOffset Start,
    string Status,
    decimal Open,
    decimal High,
    decimal Low,
    decimal Close,
    decimal Average,
    decimal VolumeKwh,
    long Trades);

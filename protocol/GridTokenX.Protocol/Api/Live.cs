namespace GridTokenX.Protocol.Api;

/// <summary>What a client says on <c>/ws</c>.</summary>
/// <param name="Type"><c>auth</c>, <c>subscribe</c>, <c>unsubscribe</c> or <c>ping</c>.</param>
/// <param name="Token">Of <c>auth</c>: an access token.</param>
/// <param name="Channel">Of the next two: <c>book trades epochs orders settlements readings locks</c>.</param>
/// <param name="Zone">Of the first three channels; the others are the client's own.</param>
/// <param name="Stream">Of the last message that a client had before it was cut off, to go on behind it.</param>
/// <param name="Sequence">Likewise.</param>
public sealed record LiveRequest(
    string Type,
    string? Token = null,
    string? Channel = null,
    string? Zone = null,
    string? Stream = null,
    long? Sequence = null);

/// <summary>What the server says beside snapshots and deltas.</summary>
/// <param name="Type"><c>authenticated</c>, <c>expired</c>, <c>unsubscribed</c>, <c>resync</c>, <c>pong</c> or
/// <c>error</c>.</param>
/// <param name="Channel">Which it is about.</param>
/// <param name="Zone">Likewise.</param>
/// <param name="Code">Of an error: a problem's code.</param>
/// <param name="Detail">For people.</param>
/// <param name="ExpiresAt">Of <c>authenticated</c>: until when.</param>
public sealed record LiveNotice(
    string Type,
    string? Channel = null,
    string? Zone = null,
    string? Code = null,
    string? Detail = null,
    DateTimeOffset? ExpiresAt = null);

/// <summary>A price level of the order book.</summary>
/// <param name="Side"><c>sell</c> or <c>buy</c>.</param>
/// <param name="PricePerKwh">Limit price, GRX per kWh.</param>
/// <param name="AmountKwh">What is left of its orders; 0 when the level is gone.</param>
/// <param name="Orders">How many.</param>
public sealed record BookLevel(string Side, decimal PricePerKwh, decimal AmountKwh, int Orders);

/// <summary><c>GET /api/market/book?zone=</c>, best first on each side.</summary>
public sealed record BookView(string Zone, IReadOnlyList<BookLevel> Bids, IReadOnlyList<BookLevel> Asks);

/// <summary>A trade as everybody sees it.</summary>
/// <param name="Sequence">Grows with every trade.</param>
/// <param name="MatchId">Server's id.</param>
/// <param name="Zone">Where.</param>
/// <param name="AmountKwh">Energy.</param>
/// <param name="PricePerKwh">Price, GRX per kWh.</param>
/// <param name="TotalGrx">Value.</param>
/// <param name="MatchedAt">Market time.</param>
public sealed record TradeTick(
    long Sequence,
    Guid MatchId,
    string Zone,
    decimal AmountKwh,
    decimal PricePerKwh,
    decimal TotalGrx,
    DateTimeOffset MatchedAt);

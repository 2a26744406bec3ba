namespace GridTokenX.Protocol.Api;

/// <summary><c>GET /api/web</c>: what the web page is to offer here.</summary>
/// <param name="DevelopmentWallet">Nothing is at stake: a key that lies in the browser may be a wallet.</param>
/// <param name="ThbPerGrx">For showing amounts in baht; null for not at all.</param>
/// <param name="WelcomeGrx">What a newcomer may ask for, once; null for nothing.</param>
/// <param name="SimulatedTime">Every time that is shown, the chain's too, is a simulation's.</param>
public sealed record WebSettings(
    bool DevelopmentWallet, decimal? ThbPerGrx, decimal? WelcomeGrx, bool SimulatedTime);

/// <summary><c>GET /api/neighbourhood?zone=</c>: how a zone's homes are at the moment.</summary>
/// <param name="Zone">Which.</param>
/// <param name="Time">Market time of this answer; it may be a few seconds old.</param>
/// <param name="Meters">In service.</param>
/// <param name="MetersRead">Those of them that were read in the last half hour.</param>
/// <param name="Producing">Those of them that produced between their last two readings.</param>
/// <param name="ProducedKwh">By them, between those.</param>
/// <param name="ConsumedKwh">By all that were read, between their last two readings.</param>
/// <param name="SocPermille">Mean state of charge of those with a battery; null without any.</param>
/// <param name="Sellers">Of the last 24 hours, the largest first; at most a dozen.</param>
public sealed record NeighbourhoodView(
    string Zone,
    DateTimeOffset Time,
    int Meters,
    int MetersRead,
    int Producing,
    decimal ProducedKwh,
    decimal ConsumedKwh,
    int? SocPermille,
    IReadOnlyList<NeighbourhoodSeller> Sellers);

/// <param name="Name">As in the order book, where everybody has seen it.</param>
/// <param name="SoldKwh">In the last 24 hours.</param>
/// <param name="Producing">One of the seller's meters produced between its last two readings.</param>
public sealed record NeighbourhoodSeller(string Name, decimal SoldKwh, bool Producing);

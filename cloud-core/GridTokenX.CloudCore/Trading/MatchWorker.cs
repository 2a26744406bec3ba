using GridTokenX.CloudCore.Simulation;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Lets new orders into the books of their zones, and matches. With an interval of zero it only looks for what
/// <see cref="MarketListener"/> may have missed.
/// </summary>
internal sealed class MatchWorker(ZoneMarkets markets, TradingOptions options) : IMarketWorker
{
    public string Name => "match";

    public int Order => 30;

    public TimeSpan Interval => options.MatchInterval;

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken) =>
        (await markets.RunAsync(ZoneScope.All, cancellationToken)).Matched;
}

using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Trading;

namespace GridTokenX.CloudCore.CrossZone;

/// <summary>Matches the zones that are linked, all in one cycle.</summary>
internal sealed class CrossZoneWorker(ZoneMarkets markets, TradingOptions options) : IMarketWorker
{
    public string Name => "match_across";

    public int Order => 31;

    public TimeSpan Interval => options.MatchInterval;

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken) =>
        (await markets.RunLinkedAsync(cancellationToken)).Matched;
}

using GridTokenX.Community.MarketMode;
using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using GridTokenX.Simulator.Cloud;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Scenarios;

namespace GridTokenX.Simulator.Running;

/// <summary>Tells a scenario's batteries what came of the real market, as the cloud core's epochs say.</summary>
internal sealed class PriceFeed(ScenarioLife life, DateTimeOffset start, CloudApi cloud)
{
    private TradingRound? _last;

    /// <summary>Before the next session decides: the last one's epoch is over and cleared.</summary>
    public async Task LearnAsync(CancellationToken cancellationToken)
    {
        if (_last is not { } round)
        {
            return;
        }

        _last = null;
        var begin = start + (Quarter.Length * round.Quarter);
        life.Learn(round.Quarter, SumsOf(
            round.BidsWh, round.AsksWh, round.StoredAsksWh, await EpochAsync(begin, cancellationToken)));
    }

    /// <summary>A session has been placed.</summary>
    public void Remember(TradingRound round) => _last = life.FollowsPrices && round.Quarter < life.Scenario.Epochs
        ? round
        : null;

    /// <summary>Of what traded, batteries sold their share of all that was offered.</summary>
    internal static ZoneSums SumsOf(long bidsWh, long asksWh, long storedAsksWh, EpochView? epoch)
    {
        var traded = (long)((epoch?.VolumeKwh ?? 0) * 1_000);
        var value = new PricePerKwh((long)((epoch?.ClearingPrice ?? 0) * 1_000_000)).ValueOf(new WattHours(traded));
        return new ZoneSums
        {
            Bids = bidsWh,
            Asks = asksWh,
            Bought = traded,
            Sold = traded,
            Paid = value.Value,
            Earned = value.Value,
            SoldByBatteries = asksWh == 0 ? 0 : (long)((Int128)traded * storedAsksWh / asksWh),
        };
    }

    /// <summary>Null where nobody traded or wanted to.</summary>
    private async Task<EpochView?> EpochAsync(DateTimeOffset begin, CancellationToken cancellationToken)
    {
        try
        {
            var number = MarketEpoch.At(begin).Number;
            return (await cloud.EpochAsync(number, Neighbourhood.Zone, cancellationToken)).Epochs.SingleOrDefault();
        }
        catch (ApiException unknown) when (unknown.Code == ProblemCodes.NotFound)
        {
            return null;
        }
    }
}

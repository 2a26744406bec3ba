using GridTokenX.Community.MarketMode;
using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using GridTokenX.Simulator.Cloud;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Scenarios;

namespace GridTokenX.Simulator.Running;

/// <summary>
/// Tells a scenario's batteries what came of the real market, zone by zone, as the cloud core's epochs and links say.
/// </summary>
internal sealed class PriceFeed(ScenarioLife life, Neighbourhood neighbourhood, Parts parts)
{
    private TradingRound? _last;
    private IReadOnlyList<LinkView> _carried = [];

    /// <summary>Before the next session decides: the last one's epoch is over and cleared.</summary>
    public async Task LearnAsync(CancellationToken cancellationToken)
    {
        if (_last is not { } round)
        {
            return;
        }

        _last = null;
        var begin = neighbourhood.Start + (Quarter.Length * round.Quarter);
        var carried = life.Scenario.Links.Count == 0
            ? []
            : (await parts.Cloud.LinksAsync(parts.Operator, cancellationToken)).Links;
        for (var zone = 0; zone < neighbourhood.Zones.Count; zone++)
        {
            var name = neighbourhood.Zones[zone];
            var sums = SumsOf(
                round.Offers.GetValueOrDefault(name), await EpochAsync(begin, name, cancellationToken));
            life.Learn(round.Quarter, zone, WithLinks(sums, name, _carried, carried));
        }

        _carried = carried;
    }

    /// <summary>A session has been placed.</summary>
    public void Remember(TradingRound round) => _last = life.FollowsPrices && round.Quarter < life.Scenario.Epochs
        ? round
        : null;

    /// <summary>Of what traded, batteries sold their share of all that was offered.</summary>
    internal static ZoneSums SumsOf(in Offered offered, EpochView? epoch)
    {
        var traded = (long)((epoch?.VolumeKwh ?? 0) * 1_000);
        var value = new PricePerKwh((long)((epoch?.ClearingPrice ?? 0) * 1_000_000)).ValueOf(new WattHours(traded));
        return new ZoneSums
        {
            Bids = offered.BidsWh,
            Asks = offered.AsksWh,
            Bought = traded,
            Sold = traded,
            Paid = value.Value,
            Earned = value.Value,
            SoldByBatteries = offered.AsksWh == 0
                ? 0
                : (long)((Int128)traded * offered.StoredAsksWh / offered.AsksWh),
        };
    }

    /// <summary>
    /// A zone's epoch has what was fed in there: what went elsewhere its homes did not buy, and what came from
    /// elsewhere they bought and paid for besides.
    /// </summary>
    /// <param name="sums">Of the zone's epoch.</param>
    /// <param name="zone">Which.</param>
    /// <param name="before">What the links had carried before the epoch.</param>
    /// <param name="after">What they had carried after it.</param>
    internal static ZoneSums WithLinks(
        ZoneSums sums, string zone, IReadOnlyList<LinkView> before, IReadOnlyList<LinkView> after)
    {
        foreach (var link in after)
        {
            var past = before.FirstOrDefault(other => other.From == link.From && other.To == link.To);
            var sent = link.SentWh - (past?.SentWh ?? 0);
            var value = link.ValueUgrx - (past?.ValueUgrx ?? 0);
            if (link.From == zone)
            {
                sums.Bought -= sent;
                sums.Paid -= value;
            }
            else if (link.To == zone)
            {
                sums.Bought += sent - (link.LostWh - (past?.LostWh ?? 0));
                sums.Paid += value + link.WheelingUgrx - (past?.WheelingUgrx ?? 0);
            }
        }

        return sums;
    }

    /// <summary>Null where nobody traded or wanted to.</summary>
    private async Task<EpochView?> EpochAsync(DateTimeOffset begin, string zone, CancellationToken cancellationToken)
    {
        try
        {
            var number = MarketEpoch.At(begin).Number;
            return (await parts.Cloud.EpochAsync(number, zone, cancellationToken)).Epochs.SingleOrDefault();
        }
        catch (ApiException unknown) when (unknown.Code == ProblemCodes.NotFound)
        {
            return null;
        }
    }
}

using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.CrossZone;

/// <summary>The orders of a zone's book.</summary>
public sealed record ZoneOrders(string Zone, IReadOnlyList<BookedOrder> Bids, IReadOnlyList<BookedOrder> Asks)
{
    private static readonly Dictionary<long, Arrival> Unknown = [];

    /// <summary>
    /// By sequence, of what may meet an order of another zone at the same price; an order that is not among them came
    /// before all others.
    /// </summary>
    public IReadOnlyDictionary<long, Arrival> Arrivals { get; init; } = Unknown;

    internal Arrival ArrivalOf(BookedOrder order) => Arrivals.GetValueOrDefault(order.Sequence);
}

/// <summary>
/// One cycle over several zones: each bid in its turn, by limit and then by arrival, takes the energy that costs least
/// where the bid is. In the own zone that is the ask's limit; from another zone the landed cost over the link from
/// there, while it has capacity. At equal cost the own zone goes first, then the ask that arrived earlier. Arrivals
/// never change a zone's own order, and names of zones decide only where arrivals are equal. A pair trades
/// only when what the buyer pays in all, to the last µGRX, is within the share of the escrow that the energy takes at
/// the limit; a rest so small that rounding of energy would break this stays. A fill-or-kill order that would be filled
/// in part is passed over as if it were not there (<see cref="KillRounds{TOrder}"/>).
/// </summary>
public static class CrossZoneCycle
{
    /// <param name="zones">Each with its live orders.</param>
    /// <param name="links">Between them, with the capacity that is left.</param>
    /// <param name="point">Where energy of another zone changes hands.</param>
    /// <exception cref="ArgumentException">
    /// A link is out of range or there twice, or a zone is there twice.
    /// </exception>
    public static IReadOnlyList<CrossZoneMatch> Match(
        IReadOnlyCollection<ZoneOrders> zones,
        IReadOnlyCollection<ZoneLink> links,
        TradePoint point = TradePoint.Arrival)
    {
        if (point is not (TradePoint.Arrival or TradePoint.FeedIn))
        {
            throw new ArgumentOutOfRangeException(nameof(point), point, "There is no such point.");
        }

        if (links.FirstOrDefault(static link => !link.IsValid) is { } invalid)
        {
            throw new ArgumentException($"This is no link between zones: {invalid}.", nameof(links));
        }

        var rounds = new KillRounds<(string Zone, long Sequence)>(zones
            .SelectMany(static zone => zone.Bids.Concat(zone.Asks).Select(order => (zone.Zone, Order: order)))
            .Where(static placed => placed.Order.TimeInForce == TimeInForce.FillOrKill)
            .OrderByDescending(static placed => placed.Order.Sequence)
            .ThenBy(static placed => placed.Zone, StringComparer.Ordinal)
            .Select(static placed => (placed.Zone, placed.Order.Sequence)));
        while (true)
        {
            IReadOnlyCollection<ZoneOrders> kept = rounds.HasKilled
                ? [.. zones.Select(zone => zone with
                {
                    Bids = Kept(zone.Zone, zone.Bids, rounds),
                    Asks = Kept(zone.Zone, zone.Asks, rounds),
                })]
                : zones;
            var matches = MatchAll(kept, links, point);
            if (!rounds.Kill(Short(kept, matches, point)))
            {
                return matches;
            }
        }
    }

    private static BookedOrder[] Kept(
        string zone, IReadOnlyList<BookedOrder> orders, KillRounds<(string Zone, long Sequence)> rounds) =>
        [.. orders.Where(order => rounds.Keeps((zone, order.Sequence)))];

    /// <summary>Fill-or-kill orders that got some of their energy and not all.</summary>
    private static HashSet<(string Zone, long Sequence)> Short(
        IReadOnlyCollection<ZoneOrders> zones, IReadOnlyList<CrossZoneMatch> matches, TradePoint point)
    {
        var wanting = zones
            .SelectMany(static zone => zone.Bids.Concat(zone.Asks).Select(order => (zone.Zone, Order: order)))
            .Where(static placed => placed.Order.TimeInForce == TimeInForce.FillOrKill)
            .ToDictionary(static placed => (placed.Zone, placed.Order.Sequence), static placed => placed.Order.Rest);
        HashSet<(string Zone, long Sequence)> touched = [];
        foreach (var match in matches)
        {
            Fill((match.BuyerZone, match.Bid), point == TradePoint.FeedIn ? match.Sent : match.Arriving);
            Fill((match.SellerZone, match.Ask), match.Sent);
        }

        return [.. touched.Where(order => wanting[order] > WattHours.Zero)];

        void Fill((string Zone, long Sequence) order, WattHours energy)
        {
            if (wanting.TryGetValue(order, out var rest))
            {
                wanting[order] = rest - energy;
                _ = touched.Add(order);
            }
        }
    }

    private static List<CrossZoneMatch> MatchAll(
        IReadOnlyCollection<ZoneOrders> zones, IReadOnlyCollection<ZoneLink> links, TradePoint point)
    {
        var capacity = links.ToDictionary(static link => (link.From, link.To), static link => link.Capacity);
        var supply = zones.ToDictionary(
            static zone => zone.Zone, static zone => new Queue(zone), StringComparer.Ordinal);
        var bids = zones.SelectMany(BidTurns.Of)
            .OrderByDescending(static turn => turn.Bid.Limit.Value)
            .ThenBy(static turn => turn.Arrival.Order)
            .ThenBy(static turn => turn.Zone, StringComparer.Ordinal)
            .ThenBy(static turn => turn.Bid.Sequence);
        List<CrossZoneMatch> matches = [];
        foreach (var (zone, bid, _) in bids)
        {
            var ways = links.Where(link => link.To == zone && supply.ContainsKey(link.From))
                .OrderBy(static link => link.From, StringComparer.Ordinal)
                .Prepend(Within(zone))
                .ToArray();
            new Turn(zone, bid, ways, supply, capacity, point, matches).Take();
        }

        return matches;
    }

    /// <summary>To itself a zone sends without charge, loss or limit.</summary>
    private static ZoneLink Within(string zone) => new()
    {
        From = zone,
        To = zone,
        Wheeling = default,
        LossPpm = 0,
        Capacity = new WattHours(long.MaxValue),
    };

    private sealed class Queue(ZoneOrders zone)
    {
        private readonly WattHours[] _rests = [.. zone.Asks.Select(static ask => ask.Rest)];
        private int _first;

        internal int First
        {
            get
            {
                while (_first < _rests.Length && _rests[_first] == WattHours.Zero)
                {
                    _first++;
                }

                return _first;
            }
        }

        internal int Count => _rests.Length;

        internal BookedOrder this[int position] => zone.Asks[position];

        internal Arrival ArrivalOf(int position) => zone.ArrivalOf(zone.Asks[position]);

        internal WattHours RestOf(int position) => _rests[position];

        internal void Fill(int position, WattHours energy) => _rests[position] -= energy;
    }

    private sealed class Turn(
        string zone,
        BookedOrder bid,
        ZoneLink[] ways,
        Dictionary<string, Queue> supply,
        Dictionary<(string, string), WattHours> capacity,
        TradePoint point,
        List<CrossZoneMatch> matches)
    {
        private readonly int[] _positions = Array.ConvertAll(ways, way => supply[way.From].First);
        private WattHours _rest = bid.Rest;

        internal void Take()
        {
            while (_rest > WattHours.Zero && Cheapest() is var way && way >= 0)
            {
                var asks = supply[ways[way].From];
                var position = _positions[way];
                if (asks[position].Owner == bid.Owner || !Trade(ways[way], asks, position)
                    || asks.RestOf(position) == WattHours.Zero)
                {
                    _positions[way]++;
                }
            }
        }

        /// <summary>The way whose next ask lands cheapest within the limit; −1 when none does.</summary>
        private int Cheapest()
        {
            var best = -1;
            PricePerKwh least = default;
            for (var way = 0; way < ways.Length; way++)
            {
                var asks = supply[ways[way].From];
                if (_positions[way] >= asks.Count || CapacityOf(ways[way]) == WattHours.Zero)
                {
                    continue;
                }

                var cost = ways[way].LandedCost(asks[_positions[way]].Limit);
                if (cost <= bid.Limit && (best < 0 || cost < least || (cost == least && IsEarlier(way, best))))
                {
                    (best, least) = (way, cost);
                }
            }

            return best;
        }

        /// <summary>Of two ways of equal cost, by name but for the own zone, which is always the first.</summary>
        private bool IsEarlier(int way, int best) => ways[best].From != zone
            && ArrivalOf(way).Order.CompareTo(ArrivalOf(best).Order) < 0;

        private Arrival ArrivalOf(int way) => supply[ways[way].From].ArrivalOf(_positions[way]);

        private WattHours CapacityOf(ZoneLink way) =>
            way.From == way.To ? way.Capacity : capacity[(way.From, way.To)];

        /// <summary>
        /// False when nothing could arrive within the limit. Where rounding of energy would make the buyer pay too
        /// much, a little less is sent, without rounding: that is affordable whenever the landed cost is.
        /// </summary>
        private bool Trade(ZoneLink way, Queue asks, int position)
        {
            var most = WattHours.Min(asks.RestOf(position), CapacityOf(way));
            var sent = WattHours.Min(most, point == TradePoint.FeedIn ? _rest : way.Sent(_rest));
            if ((Offer(way, asks[position], sent) ?? Offer(way, asks[position], way.WithoutRounding(sent)))
                is not { } match)
            {
                return false;
            }

            asks.Fill(position, match.Sent);
            _rest -= FillOf(match.Sent, match.Arriving);
            if (way.From != way.To)
            {
                capacity[(way.From, way.To)] -= match.Sent;
            }

            matches.Add(match);
            return true;
        }

        private CrossZoneMatch? Offer(ZoneLink way, BookedOrder ask, WattHours sent)
        {
            var arriving = WattHours.Min(way.Arriving(sent), _rest);
            var filled = bid.Energy - _rest;
            var fill = FillOf(sent, arriving);
            var match = new CrossZoneMatch
            {
                BuyerZone = zone,
                SellerZone = way.From,
                Bid = bid.Sequence,
                Ask = ask.Sequence,
                Sent = sent,
                Arriving = arriving,
                Price = ask.Limit,
                Value = ask.Limit.ValueOf(sent),
                Wheeling = way.Wheeling.ValueOf(arriving),
                BuyerShare = BidEscrow.Share(bid.Limit, filled, filled + fill),
            };
            return arriving > WattHours.Zero && match.Refund >= MicroGrx.Zero && IsWithinLimit(match) ? match : null;
        }

        private WattHours FillOf(WattHours sent, WattHours arriving) =>
            point == TradePoint.FeedIn ? sent : arriving;

        /// <summary>
        /// Fed in elsewhere, more energy is paid for than arrives: its share of the escrow bounds nothing then.
        /// </summary>
        private bool IsWithinLimit(CrossZoneMatch match) =>
            point == TradePoint.Arrival || match.Total <= bid.Limit.ValueOf(match.Arriving);
    }
}

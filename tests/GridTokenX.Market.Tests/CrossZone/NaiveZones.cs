using System.Numerics;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.CrossZone;

/// <summary>A pair of orders that matched, and what was sent and arrived.</summary>
internal sealed record NaivePair(
    string BuyerZone, long Bid, string SellerZone, long Ask, long Sent, long Arriving, long Value, long Wheeling);

/// <summary>
/// A cycle over several zones as it is described, without a thought for speed: every bid in its turn looks at every ask
/// there is, by landed cost. Quantities by search, money in whole fractions.
/// </summary>
internal sealed class NaiveZones(ZoneOrders[] zones, ZoneLink[] links, TradePoint point)
{
    private const int Million = 1_000_000;

    private readonly Dictionary<(string Zone, long Order), long> _rests = zones
        .SelectMany(static zone => zone.Bids.Concat(zone.Asks).Select(order => (zone.Zone, Order: order)))
        .ToDictionary(static placed => (placed.Zone, placed.Order.Sequence), static placed => placed.Order.Rest.Value);

    private readonly Dictionary<(string From, string To), long> _capacity =
        links.ToDictionary(static link => (link.From, link.To), static link => link.Capacity.Value);

    private sealed record Offer(ZoneOrders Seller, BookedOrder Ask, ZoneLink? Link, BigInteger Cost);

    internal List<NaivePair> Pairs { get; } = [];

    internal NaiveZones Match()
    {
        var bids =
            from zone in zones
            from bid in zone.Bids
            let arrival = zone.Arrivals[bid.Sequence]
            orderby bid.Limit.Value descending, arrival.At.UtcTicks, arrival.Number, zone.Zone, bid.Sequence
            select (zone, bid);
        foreach (var (zone, bid) in bids)
        {
            foreach (var offer in OffersTo(zone, bid))
            {
                while (Trade(zone.Zone, bid, offer))
                {
                    // What is left of both may trade without rounding, or over what is left of the link.
                }
            }
        }

        return this;
    }

    /// <summary>Pairs that could still trade: within the limit, of two owners, with a link that is not full.</summary>
    internal IEnumerable<(long Most, ZoneLink? Link)> LeftOver() =>
        from zone in zones
        from bid in zone.Bids
        where _rests[(zone.Zone, bid.Sequence)] > 0
        from offer in OffersTo(zone, bid)
        let most = MostFor(zone.Zone, bid, offer)
        where most > 0
        select (most, offer.Link);

    private IEnumerable<Offer> OffersTo(ZoneOrders zone, BookedOrder bid) =>
        from seller in zones
        let link = Array.Find(links, link => link.From == seller.Zone && link.To == zone.Zone)
        where seller == zone || link is not null
        from ask in seller.Asks
        let cost = seller == zone ? ask.Limit.Value : Landed(ask.Limit.Value, link)
        let arrival = seller.Arrivals[ask.Sequence]
        where ask.Owner != bid.Owner && cost <= bid.Limit.Value
        orderby cost, seller != zone, arrival.At.UtcTicks, arrival.Number, seller.Zone, ask.Sequence
        select new Offer(seller, ask, seller == zone ? null : link, cost);

    /// <summary>The least whole price that covers the ask for what is lost too, and the way.</summary>
    private static BigInteger Landed(long ask, ZoneLink link)
    {
        BigInteger energy = ask;
        while (energy * (Million - link.LossPpm) < (BigInteger)ask * Million)
        {
            energy++;
        }

        return energy + link.Wheeling.Value;
    }

    private long MostFor(string zone, BookedOrder bid, Offer offer)
    {
        var most = _rests[(offer.Seller.Zone, offer.Ask.Sequence)];
        if (offer.Link is { } link)
        {
            most = Math.Min(most, _capacity[(link.From, link.To)]);
        }

        // The least energy of which enough arrives.
        var wanted = _rests[(zone, bid.Sequence)];
        var sent = wanted;
        while (point == TradePoint.Arrival && Arriving(sent, offer.Link) < wanted)
        {
            sent++;
        }

        return Math.Min(most, sent);
    }

    private bool Trade(string zone, BookedOrder bid, Offer offer)
    {
        var sent = MostFor(zone, bid, offer);
        if (sent > 0 && !IsAffordable(zone, bid, offer, sent))
        {
            while (sent > 0 && (decimal)sent * (offer.Link?.LossPpm ?? 0) % Million != 0)
            {
                sent--;
            }
        }

        if (sent == 0 || !IsAffordable(zone, bid, offer, sent))
        {
            return false;
        }

        var arriving = ArrivingFor(zone, bid, offer, sent);
        var filled = point == TradePoint.FeedIn ? sent : arriving;
        _rests[(zone, bid.Sequence)] -= filled;
        _rests[(offer.Seller.Zone, offer.Ask.Sequence)] -= sent;
        if (offer.Link is { } link)
        {
            _capacity[(link.From, link.To)] -= sent;
        }

        Pairs.Add(new NaivePair(
            zone, bid.Sequence, offer.Seller.Zone, offer.Ask.Sequence, sent, arriving,
            Value(offer.Ask.Limit.Value, sent), Value(offer.Link?.Wheeling.Value ?? 0, arriving)));
        return true;
    }

    /// <summary>Of what arrives beyond the bid's rest, rounding is to blame; it counts as lost.</summary>
    private long ArrivingFor(string zone, BookedOrder bid, Offer offer, long sent) =>
        Math.Min(Arriving(sent, offer.Link), _rests[(zone, bid.Sequence)]);

    private bool IsAffordable(string zone, BookedOrder bid, Offer offer, long sent)
    {
        var arriving = ArrivingFor(zone, bid, offer, sent);
        var total = Value(offer.Ask.Limit.Value, sent) + Value(offer.Link?.Wheeling.Value ?? 0, arriving);
        var before = bid.Energy.Value - _rests[(zone, bid.Sequence)];
        var after = before + (point == TradePoint.FeedIn ? sent : arriving);
        return arriving > 0 && total <= BidEscrow.Share(bid.Limit, new(before), new(after)).Value
            && (point == TradePoint.Arrival || total <= Value(bid.Limit.Value, arriving));
    }

    private static long Arriving(long sent, ZoneLink? link) =>
        (long)Math.Floor((decimal)sent * (Million - (link?.LossPpm ?? 0)) / Million);

    private static long Value(long price, long energy) => (long)Math.Floor((decimal)price * energy / 1_000);
}

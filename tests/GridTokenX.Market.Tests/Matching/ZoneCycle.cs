using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>
/// One matching cycle over a zone's orders as they stand in a database: a book made, matched and left.
/// </summary>
public static class ZoneCycle
{
    /// <summary>
    /// The matches in the order in which they happen. Orders come in any order; their sequence decides. A direct
    /// purchase takes what its ask has left when its turn comes by sequence: what was there before it has matched then.
    /// </summary>
    /// <param name="orders">All that are live.</param>
    /// <param name="dynamicPrice">A bid below it takes part in nothing; null for none.</param>
    /// <param name="exactQuantity">Only equal rests match.</param>
    /// <exception cref="ArgumentException">An order is malformed, or its id or sequence occurs twice.</exception>
    public static IReadOnlyList<Match> Match(
        IEnumerable<Order> orders, PricePerKwh? dynamicPrice = null, bool exactQuantity = false)
    {
        var book = BookOf(orders, dynamicPrice, exactQuantity);
        book.Match();
        return book.Listener.Matches;
    }

    /// <summary>
    /// All that crosses, at the one price of a call auction; no price when nothing crosses. Without direct purchases,
    /// which name their seller and his price.
    /// </summary>
    /// <exception cref="ArgumentException">An order is malformed, or its id or sequence occurs twice.</exception>
    public static (AuctionPrice? Price, IReadOnlyList<Match> Matches) Auction(
        IEnumerable<Order> orders, Rationing rationing, PricePerKwh? dynamicPrice = null)
    {
        var book = BookOf(orders.Where(static order => order.Target is null), dynamicPrice, exactQuantity: false);
        var price = book.Auction(rationing);
        return (price, book.Listener.Matches);
    }

    private static OrderBook<MatchCollector> BookOf(
        IEnumerable<Order> orders, PricePerKwh? dynamicPrice, bool exactQuantity)
    {
        var arrived = orders.OrderBy(static order => order.Sequence).ToArray();
        var sequences = arrived.ToDictionary(static order => order.Id, static order => order.Sequence);
        var rules = new BookRules
        {
            Mode = MatchingMode.Gathering,
            ExactQuantity = exactQuantity,
            ExpectedOrders = Math.Max(arrived.Length, 1),
        };
        var ids = arrived.ToDictionary(static order => order.Sequence, static order => order.Id);
        var book = new OrderBook<MatchCollector>(rules, new MatchCollector(ids));
        book.SetDynamicPrice(dynamicPrice);
        Dictionary<Guid, long> owners = [];
        foreach (var order in arrived)
        {
            _ = owners.TryAdd(order.Owner, owners.Count);
            var target = order.Target is { } id ? sequences.GetValueOrDefault(id, long.MaxValue) : 0;
            var reason = book.Place(ToNewOrder(order, owners[order.Owner], target));
            if (reason is not (RejectReason.None or RejectReason.UnknownOrder or RejectReason.SelfTrade))
            {
                throw new ArgumentException($"Order {order.Sequence} is refused: {reason}.", nameof(orders));
            }
        }

        return book;
    }

    private static NewOrder ToNewOrder(Order order, long owner, long target) => new()
    {
        Sequence = order.Sequence,
        Owner = owner,
        Side = order.Side,
        Limit = order.Limit,
        Energy = order.Energy,
        Filled = order.Filled,
        ExpiresAt = MarketTime.At(order.ExpiresAt),
        TimeInForce = target == 0 ? TimeInForce.GoodTillCancelled : TimeInForce.ImmediateOrCancel,
        Target = target,
    };

    private readonly struct MatchCollector(Dictionary<long, Guid> ids) : IBookListener
    {
        internal List<Match> Matches { get; } = [];

        public void Matched(in BookMatch match) => Matches.Add(new Match(
            ids[match.Bid], ids[match.Ask], match.Energy, match.Price, match.Value, match.BuyerShare));

        public void Accepted(in NewOrder order)
        {
            // The database knows its orders.
        }

        public void Rejected(long order, RejectReason reason)
        {
            // A purchase whose ask is gone gets nothing.
        }

        public void Rested(long order, WattHours rest)
        {
            // The database knows its orders.
        }

        public void MatchedAcross(long order, WattHours energy, WattHours rest)
        {
            // Not in this book.
        }

        public void Reduced(long order, WattHours by, WattHours rest)
        {
            // Not in this book.
        }

        public void Cancelled(long order, WattHours rest, CancelReason reason)
        {
            // Who asked for the cycle sees what a purchase did not get.
        }

        public void Expired(long order, WattHours rest)
        {
            // Not in this book: its time stands still.
        }
    }
}

using GridTokenX.Community.Scenarios;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Community.MarketMode;

/// <summary>A buyer's home and a seller's came together.</summary>
/// <param name="SentWh">Of the seller.</param>
/// <param name="ArrivingWh">At the buyer.</param>
internal readonly record struct Trade(
    int Buyer, int Seller, long SentWh, long ArrivingWh, long Price, long Value, long Wheeling);

/// <summary>
/// One zone's order book within an epoch, the product's own. Orders name homes; they live until the epoch ends.
/// </summary>
internal sealed class ZoneMarket
{
    private readonly OrderBook<Listener> _book;
    private readonly MarketRules _rules;
    private readonly List<int> _homes = [];
    private long _first = 1;
    private long _next = 1;
    private MarketTime _end;

    public ZoneMarket(string name, MarketRules rules, int homes)
    {
        Name = name;
        _rules = rules;
        var book = new BookRules
        {
            Mode = rules.Rule == MarketRule.Continuous ? MatchingMode.Continuous : MatchingMode.Gathering,
            Price = rules.TradePrice,
            ExpectedOrders = Math.Max(homes, 1),
            ExpectedPrices = Math.Clamp(homes, 1, 1 << 20),
        };
        _book = new OrderBook<Listener>(book, new Listener(this));
    }

    public string Name { get; }

    /// <summary>Of this epoch, within the zone.</summary>
    public List<Trade> Trades { get; } = [];

    public void Open(long epoch)
    {
        _homes.Clear();
        _first = _next;
        Trades.Clear();
        _end = new MarketTime((epoch + 1) * Weather.EpochTime.Seconds * TimeSpan.TicksPerSecond);
    }

    /// <summary>The order's sequence.</summary>
    /// <exception cref="InvalidOperationException">The book refused it: its rules are too narrow.</exception>
    public long Place(int home, Side side, long limit, long energyWh)
    {
        var sequence = _next++;
        _homes.Add(home);
        var reason = _book.Place(new NewOrder
        {
            Sequence = sequence,
            Owner = home,
            Side = side,
            Limit = new PricePerKwh(limit),
            Energy = new WattHours(energyWh),
            ExpiresAt = _end,
            TimeInForce = TimeInForce.GoodTillCancelled,
        });
        return reason == RejectReason.None
            ? sequence
            : throw new InvalidOperationException($"The book of {Name} refused an order: {reason}.");
    }

    /// <summary>What is left of an order; 0 when it is gone.</summary>
    public long Withdraw(long sequence)
    {
        if (sequence == 0 || !_book.TryFind(sequence, out var order))
        {
            return 0;
        }

        _ = _book.Cancel(sequence);
        return order.Rest.Value;
    }

    public void Auction() => _book.Auction(_rules.Rationing);

    public bool IsEmpty => _book.Count == 0;

    public ZoneOrders Orders() => new(Name, [.. _book.Orders(Side.Bid)], [.. _book.Orders(Side.Ask)]);

    public int HomeOf(long sequence) => _homes[(int)(sequence - _first)];

    /// <summary>What is left of the orders expires.</summary>
    public void Close() => _book.AdvanceTo(_end);

    private void Matched(in BookMatch match) => Trades.Add(new Trade(
        HomeOf(match.Bid), HomeOf(match.Ask), match.Energy.Value, match.Energy.Value, match.Price.Value,
        match.Value.Value, 0));

    private readonly struct Listener(ZoneMarket market) : IBookListener
    {
        public void Matched(in BookMatch match) => market.Matched(match);

        public void Accepted(in NewOrder order)
        {
            // Whoever placed it knows.
        }

        public void Rejected(long order, RejectReason reason)
        {
            // Whoever placed it is told by the answer.
        }

        public void Rested(long order, WattHours rest)
        {
            // The book shows it.
        }

        public void MatchedAcross(long order, WattHours energy, WattHours rest)
        {
            // Orders end with the epoch: nobody looks at their rest again.
        }

        public void Reduced(long order, WattHours by, WattHours rest)
        {
            // Nobody reduces an order here.
        }

        public void Cancelled(long order, WattHours rest, CancelReason reason)
        {
            // Whoever withdrew it knows.
        }

        public void Expired(long order, WattHours rest)
        {
            // What did not trade is settled with the utility.
        }
    }
}

using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;
using BookOrder = GridTokenX.Market.Matching.NewOrder;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Where a zone's book stands: the journal's last line, the place given last, the book's time, its dynamic price.
/// </summary>
internal sealed record ZonePosition(long Sequence, long Accepted, long Ticks, long DynamicPrice)
{
    internal static ZonePosition Empty { get; } = new(0, 0, 0, 0);

    internal static PricePerKwh? PriceOf(long dynamicPrice) =>
        dynamicPrice == 0 ? null : new PricePerKwh(dynamicPrice);
}

/// <summary>What applies to matching at an instant.</summary>
/// <param name="IsOpen">The gate is; else nothing matches.</param>
/// <param name="DynamicPrice">A bid below it takes part in nothing; null for none.</param>
internal readonly record struct BookTerms(bool IsOpen, PricePerKwh? DynamicPrice);

/// <summary>
/// A zone's book in memory, by the orders' ids. It applies groups of commands and says what they did; the same
/// commands on the same book do the same. When what it did is not written it is of no use any more.
/// </summary>
internal sealed class ZoneBook : IBookListener
{
    private readonly Dictionary<Guid, long> _places = [];
    private readonly Dictionary<long, Guid> _orders = [];
    private readonly OrderBook<ZoneBook> _book;

    // Orders of one matching that wait for it; some may have left meanwhile.
    private readonly List<(long Place, CancelReason Reason)> _brief = [];
    private ZoneGroup _group = new(after: 0);
    private bool _isRestoring;
    private bool _isUncrossed;

    // Why the order that was placed last did not get all at once.
    private CancelReason _cut;

    internal ZoneBook(BookKind kind)
    {
        Kind = kind;
        _book = new OrderBook<ZoneBook>(kind.Rules, this);
    }

    internal BookKind Kind { get; }

    internal ZonePosition Position { get; private set; } = ZonePosition.Empty;

    internal int Count => _book.Count;

    /// <summary>What the order has left in the book; 0 when it is not in it.</summary>
    internal long RestOf(Guid order) =>
        _places.TryGetValue(order, out var place) && _book.TryFind(place, out var found) ? found.Rest.Value : 0;

    internal UInt128 StateHash() => _book.StateHash();

    /// <param name="kind">How it matches.</param>
    /// <param name="orders">By their places.</param>
    /// <param name="position">Where it stood.</param>
    /// <exception cref="InvalidOperationException">They make no book.</exception>
    internal static ZoneBook Restore(
        BookKind kind, IEnumerable<(Guid Id, BookOrder Order)> orders, ZonePosition position)
    {
        var zone = new ZoneBook(kind) { _isRestoring = true };
        zone._book.SetDynamicPrice(ZonePosition.PriceOf(position.DynamicPrice));
        foreach (var (id, order) in orders)
        {
            if (zone._book.Restore(order) is not RejectReason.None and var reason)
            {
                throw new InvalidOperationException($"Order {id} does not go back into the book: {reason}.");
            }

            zone.Name(id, order.Sequence);
            zone.Remember(order);
        }

        zone._book.ContinueAfter(position.Accepted);
        zone._book.AdvanceTo(new MarketTime(position.Ticks));
        zone.Position = position;
        zone._isRestoring = false;
        return zone;
    }

    /// <summary>
    /// Time passes, then what leaves leaves, then new orders come in the order in which they were placed, and in the
    /// end what has gathered is matched.
    /// </summary>
    /// <param name="commands">Of the zone's inbox.</param>
    /// <param name="now">An earlier instant than before changes nothing.</param>
    /// <param name="terms">Null: nothing is to be matched now, and no new order is among the commands.</param>
    internal ZoneGroup Apply(IReadOnlyList<ZoneCommand> commands, DateTimeOffset now, BookTerms? terms)
    {
        _group = new ZoneGroup(Position.Sequence);
        Advance(now);
        foreach (var command in commands.Where(static command => command.Kind != InboxKind.Place))
        {
            Leave(command);
        }

        if (terms is { } applying)
        {
            if (Kind.Mode != MatchingMode.Waiting)
            {
                // They waited under another rule for what does not come any more.
                CutBrief();
            }

            SetPrice(applying.DynamicPrice);
        }

        if (terms is { IsOpen: true } && Kind.Mode == MatchingMode.Continuous && !_isUncrossed)
        {
            // What waited under another rule may trade with one another now, before anybody new comes.
            Match();
            _isUncrossed = true;
        }

        var isClosed = terms is { IsOpen: false };
        foreach (var command in commands.Where(static command => command.Kind == InboxKind.Place)
            .OrderBy(static command => command.OrderSequence))
        {
            if (command.IsLive && command.Place is null && !_group.Left.ContainsKey(command.OrderId))
            {
                Place(command, isClosed);
            }
        }

        if (terms is { IsOpen: true } && Kind.Mode == MatchingMode.Gathering)
        {
            Match();
        }

        return End();
    }

    /// <summary>
    /// The auction over what is in the book, after <see cref="Apply"/> at its instant; null when nothing crosses.
    /// </summary>
    internal AuctionPrice? Auction(Rationing rationing)
    {
        var price = _book.Auction(rationing);
        if (price is not null)
        {
            _group.Write(BookOperation.Auction(rationing), null);
        }

        _ = End();
        return price;
    }

    /// <summary>
    /// Orders of one matching have had it: what is left of them leaves. After the auction, or the cycle over several
    /// zones, of everything that is in the book.
    /// </summary>
    internal void CutBrief()
    {
        foreach (var (place, reason) in _brief)
        {
            if (_book.Cancel(place) == RejectReason.None)
            {
                _group.Write(BookOperation.Cancel(place), _orders[place]);
                _group.Cut.Add((_orders[place], reason));
            }
        }

        _brief.Clear();
        _ = End();
    }

    /// <summary>The name of the order at a place.</summary>
    internal Guid NameOf(long place) => _orders[place];

    /// <summary>A match with an order of another zone's book, or of this one, that was found outside.</summary>
    /// <exception cref="InvalidOperationException">The order has not that much left.</exception>
    internal void MatchAcross(long place, WattHours energy)
    {
        if (_book.MatchAcross(place, energy) is not RejectReason.None and var reason)
        {
            throw new InvalidOperationException($"The order at place {place} cannot be matched: {reason}.");
        }

        _group.Write(BookOperation.MatchAcross(place, energy), _orders[place]);
        _group.Across[_orders[place]] = _group.Across.GetValueOrDefault(_orders[place]) + energy;
        _ = End();
    }

    private ZoneGroup End()
    {
        if (!_group.IsEmpty)
        {
            Position = new ZonePosition(
                _group.Next - 1, _book.LastSequence, _book.Now.UtcTicks, _book.DynamicPrice?.Value ?? 0);
        }

        return _group;
    }

    private void Advance(DateTimeOffset now)
    {
        var time = new MarketTime(Math.Max(now.UtcTicks, _book.Now.UtcTicks));
        if (time.UtcTicks > Position.Ticks)
        {
            _group.Begin(BookOperation.AdvanceTo(time));
            _book.AdvanceTo(time);
        }
    }

    private void SetPrice(PricePerKwh? price)
    {
        if (price != _book.DynamicPrice)
        {
            _group.Write(BookOperation.SetDynamicPrice(price), null);
            _book.SetDynamicPrice(price);
        }
    }

    /// <summary>What stands in it on one side, best first: what a cycle over several zones is computed from.</summary>
    internal IReadOnlyList<BookedOrder> Orders(Side side) =>
        [.. _book.Orders(side).TakeWhile(order => side == Side.Ask || !(order.Limit < _book.DynamicPrice))];

    /// <summary>What a snapshot keeps, by place.</summary>
    internal IEnumerable<BookOrder> Orders() => _book.Orders(Side.Bid).Concat(_book.Orders(Side.Ask))
        .OrderBy(static order => order.Sequence)
        .Select(static order => order.ToNewOrder());

    void IBookListener.Matched(in BookMatch match) => _group.Matches.Add(new Match(
        _orders[match.Bid], _orders[match.Ask], match.Energy, match.Price, match.Value, match.BuyerShare));

    void IBookListener.Expired(long order, WattHours rest)
    {
        if (_isRestoring)
        {
            throw new InvalidOperationException($"The order at place {order} had expired before.");
        }

        _group.Expired.Add(_orders[order]);
    }

    void IBookListener.Accepted(in BookOrder order)
    {
        // Who applied the operation knows by its answer.
    }

    void IBookListener.Rejected(long order, RejectReason reason)
    {
        // Likewise.
    }

    void IBookListener.Rested(long order, WattHours rest)
    {
        // The row says so already.
    }

    void IBookListener.MatchedAcross(long order, WattHours energy, WattHours rest)
    {
        // Who asked for it knows the other side as well.
    }

    void IBookListener.Reduced(long order, WattHours by, WattHours rest)
    {
        // Not in these books.
    }

    void IBookListener.Cancelled(long order, WattHours rest, CancelReason reason) => _cut = reason;

    /// <summary>Names are kept until the group is written: an order may leave and be named in the same group.</summary>
    internal void Forget(ZoneGroup group)
    {
        foreach (var order in group.Touched)
        {
            if (_places.TryGetValue(order, out var place) && !_book.TryFind(place, out _))
            {
                _ = _places.Remove(order);
                _ = _orders.Remove(place);
            }
        }
    }

    private void Leave(ZoneCommand command)
    {
        if (_places.TryGetValue(command.OrderId, out var place))
        {
            if (_book.Cancel(place) == RejectReason.None)
            {
                _group.Left.Add(command.OrderId, command);
                _group.Write(BookOperation.Cancel(place), command.OrderId);
            }
        }
        else if (command.IsLive && command.Place is null)
        {
            // It waits for its place still.
            _ = _group.Left.TryAdd(command.OrderId, command);
        }
    }

    private void Place(ZoneCommand command, bool isClosed)
    {
        if (command.Target is not null && isClosed)
        {
            // What nothing may match with gets nothing.
            _group.Purchases.Add(command.OrderId);
            return;
        }

        if (command.IsBrief && isClosed && Kind.Mode != MatchingMode.Waiting)
        {
            _group.Cut.Add((command.OrderId, CutReasonOf(OrderForce.Parse(command.Force))));
            return;
        }

        var place = _group.Next;
        var target = command.Target is { } ask ? _places.GetValueOrDefault(ask, long.MaxValue) : 0;
        var order = command.ToNewOrder(place, target);
        Name(command.OrderId, place);
        _cut = CancelReason.None;
        var reason = _book.Place(order);
        if (reason != RejectReason.None)
        {
            _ = _places.Remove(command.OrderId);
            _ = _orders.Remove(place);
            Refuse(command, reason);
            return;
        }

        _group.Write(BookOperation.Place(order), command.OrderId);
        _group.Placed.Add((command.OrderId, place));
        if (command.Target is not null)
        {
            _group.Purchases.Add(command.OrderId);
        }
        else if (_cut != CancelReason.None)
        {
            _group.Cut.Add((command.OrderId, _cut));
        }
        else
        {
            Remember(order);
        }
    }

    private void Remember(in BookOrder order)
    {
        if (order.TimeInForce != TimeInForce.GoodTillCancelled && _book.TryFind(order.Sequence, out _))
        {
            _brief.Add((order.Sequence, CutReasonOf(order.TimeInForce)));
        }
    }

    private void Refuse(ZoneCommand command, RejectReason reason)
    {
        if (reason == RejectReason.AlreadyExpired)
        {
            _group.Expired.Add(command.OrderId);
        }
        else if (command.Target is not null)
        {
            _group.Purchases.Add(command.OrderId);
        }
        else
        {
            _group.Refused.Add((command.OrderId, reason));
        }
    }

    private void Match()
    {
        var before = _group.Matches.Count;
        _book.Match();
        if (_group.Matches.Count > before)
        {
            _group.Write(BookOperation.Match(), null);
        }
    }

    private static CancelReason CutReasonOf(TimeInForce force) =>
        force == TimeInForce.FillOrKill ? CancelReason.Killed : CancelReason.Immediate;

    private void Name(Guid id, long place)
    {
        _places.Add(id, place);
        _orders.Add(place, id);
    }
}

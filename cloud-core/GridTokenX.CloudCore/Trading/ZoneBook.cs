using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;
using BookOrder = GridTokenX.Market.Matching.NewOrder;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Where a zone's book stands: the journal's last line, the place given last, the book's time.</summary>
internal sealed record ZonePosition(long Sequence, long Accepted, long Ticks)
{
    internal static ZonePosition Empty { get; } = new(0, 0, 0);
}

/// <summary>
/// A zone's book in memory, by the orders' ids. It applies groups of commands and says what they did; the same
/// commands on the same book do the same. When what it did is not written it is of no use any more.
/// </summary>
internal sealed class ZoneBook : IBookListener
{
    private readonly Dictionary<Guid, long> _places = [];
    private readonly Dictionary<long, Guid> _orders = [];
    private readonly OrderBook<ZoneBook> _book;
    private ZoneGroup _group = new();
    private bool _isRestoring;

    internal ZoneBook(MatchingMode mode)
    {
        Mode = mode;
        _book = new OrderBook<ZoneBook>(RulesOf(mode), this);
    }

    internal MatchingMode Mode { get; }

    internal ZonePosition Position { get; private set; } = ZonePosition.Empty;

    internal int Count => _book.Count;

    /// <summary>What the order has left in the book; 0 when it is not in it.</summary>
    internal long RestOf(Guid order) =>
        _places.TryGetValue(order, out var place) && _book.TryFind(place, out var found) ? found.Rest.Value : 0;

    internal UInt128 StateHash() => _book.StateHash();

    internal static BookRules RulesOf(MatchingMode mode) => new() { Mode = mode };

    /// <param name="mode">How it matches.</param>
    /// <param name="orders">By their places.</param>
    /// <param name="position">Where it stood.</param>
    /// <exception cref="InvalidOperationException">They make no book.</exception>
    internal static ZoneBook Restore(
        MatchingMode mode, IEnumerable<(Guid Id, BookOrder Order)> orders, ZonePosition position)
    {
        var zone = new ZoneBook(mode) { _isRestoring = true };
        foreach (var (id, order) in orders)
        {
            if (zone._book.Restore(order) is not RejectReason.None and var reason)
            {
                throw new InvalidOperationException($"Order {id} does not go back into the book: {reason}.");
            }

            zone.Name(id, order.Sequence);
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
    internal ZoneGroup Apply(IReadOnlyList<ZoneCommand> commands, DateTimeOffset now)
    {
        _group = new ZoneGroup();
        var next = Position.Sequence + 1;
        var time = Math.Max(now.UtcTicks, _book.Now.UtcTicks);
        var isLater = time > Position.Ticks;
        _book.AdvanceTo(new MarketTime(time));
        next += isLater ? 1 : 0;
        foreach (var command in commands.Where(static command => command.Kind != InboxKind.Place))
        {
            next += Leave(command, next) ? 1 : 0;
        }

        var placed = 0;
        foreach (var command in commands.Where(static command => command.Kind == InboxKind.Place)
            .OrderBy(static command => command.OrderSequence))
        {
            if (command.IsLive && command.Place is null && !_group.Left.ContainsKey(command.OrderId))
            {
                next += Place(command, next) ? 1 : 0;
                placed++;
            }
        }

        if (placed > 0 && Mode == MatchingMode.Gathering)
        {
            next += Match(next) ? 1 : 0;
        }

        if (_group.IsEmpty)
        {
            return _group;
        }

        if (isLater)
        {
            var advance = BookOperation.AdvanceTo(new MarketTime(time));
            _group.Lines.Insert(0, new JournalLine(Position.Sequence + 1, advance, null));
        }

        Position = new ZonePosition(next - 1, _book.LastSequence, time);
        return _group;
    }

    /// <summary>What a snapshot keeps, by place.</summary>
    internal IEnumerable<BookOrder> Orders() => _book.Orders(Side.Bid).Concat(_book.Orders(Side.Ask))
        .OrderBy(static order => order.Sequence)
        .Select(static order => new BookOrder
        {
            Sequence = order.Sequence,
            Owner = order.Owner,
            Side = order.Side,
            Limit = order.Limit,
            Energy = order.Energy,
            Filled = order.Energy - order.Rest,
            ExpiresAt = order.ExpiresAt,
            TimeInForce = TimeInForce.GoodTillCancelled,
        });

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
        // Not in these books.
    }

    void IBookListener.Reduced(long order, WattHours by, WattHours rest)
    {
        // Not in these books.
    }

    void IBookListener.Cancelled(long order, WattHours rest, CancelReason reason)
    {
        // Asked for by a command, or of a direct purchase, which is looked at as a whole.
    }

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

    private bool Leave(ZoneCommand command, long next)
    {
        if (_places.TryGetValue(command.OrderId, out var place))
        {
            if (_book.Cancel(place) != RejectReason.None)
            {
                return false;
            }

            _group.Left.Add(command.OrderId, command);
            _group.Lines.Add(new JournalLine(next, BookOperation.Cancel(place), command.OrderId));
            return true;
        }

        // It waits for its place still.
        if (command.IsLive && command.Place is null)
        {
            _ = _group.Left.TryAdd(command.OrderId, command);
        }

        return false;
    }

    private bool Place(ZoneCommand command, long next)
    {
        var target = command.Target is { } ask ? _places.GetValueOrDefault(ask, long.MaxValue) : 0;
        var order = command.ToNewOrder(next, target);
        Name(command.OrderId, next);
        var reason = _book.Place(order);
        if (reason != RejectReason.None)
        {
            _ = _places.Remove(command.OrderId);
            _ = _orders.Remove(next);
            Refuse(command, reason);
            return false;
        }

        _group.Lines.Add(new JournalLine(next, BookOperation.Place(order), command.OrderId));
        _group.Placed.Add((command.OrderId, next));
        if (command.Target is not null)
        {
            _group.Purchases.Add(command.OrderId);
        }

        return true;
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

    private bool Match(long next)
    {
        var before = _group.Matches.Count;
        _book.Match();
        if (_group.Matches.Count == before)
        {
            return false;
        }

        _group.Lines.Add(new JournalLine(next, BookOperation.Match(), null));
        return true;
    }

    private void Name(Guid id, long place)
    {
        _places.Add(id, place);
        _orders.Add(place, id);
    }
}

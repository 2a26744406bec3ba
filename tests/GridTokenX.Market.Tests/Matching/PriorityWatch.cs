using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>
/// At every match, looks for an order that should have gone first: on the resting side one of a better rank that the
/// incoming order may take; in a cycle, where bids have their turns, on both sides. Reads the book while it matches,
/// which a listener may.
/// </summary>
internal sealed class PriorityWatch(BookRules rules) : IBookListener
{
    private readonly Dictionary<long, long> _owners = [];
    private BookOperation _operation;
    private long _incoming;

    internal OrderBook<PriorityWatch> Book { get; set; } = null!;

    /// <summary>Matches of incoming orders and of cycles that were looked at.</summary>
    internal (int Arrivals, int Cycles) Seen { get; private set; }

    /// <summary>A restored order has an owner too, though nothing is heard of it but that it rests.</summary>
    internal void Begin(in BookOperation operation)
    {
        (_operation, _incoming) = (operation, 0);
        var isOrder = operation.Kind is OperationKind.Place or OperationKind.Restore;
        if (isOrder && operation.Order.Sequence > Book.LastSequence)
        {
            _owners[operation.Order.Sequence] = operation.Order.Owner;
        }
    }

    public void Accepted(in NewOrder order) => _incoming = order.Sequence;

    public void Matched(in BookMatch match)
    {
        var isArrival = match.Bid == _incoming || match.Ask == _incoming;
        if (_operation.Kind == OperationKind.Auction || (isArrival && _operation.Order.Target != 0))
        {
            // All trade at one price, whoever with whom; or one order was asked for by name.
            return;
        }

        Seen = isArrival ? (Seen.Arrivals + 1, Seen.Cycles) : (Seen.Arrivals, Seen.Cycles + 1);
        if (match.Ask != _incoming)
        {
            NobodyBefore(Side.Ask, match.AskLimit, match.Ask, match.Energy, _owners[match.Bid]);
        }

        if (match.Bid != _incoming)
        {
            NobodyBefore(Side.Bid, match.BidLimit, match.Bid, match.Energy, _owners[match.Ask]);
        }
    }

    /// <summary>But orders of the other's own owner, and in a book of exact quantities those of another one.</summary>
    private void NobodyBefore(Side side, PricePerKwh limit, long order, WattHours energy, long owner) => Book
        .Orders(side)
        .TakeWhile(other => other.Limit == limit
            ? other.Sequence < order
            : other.Limit < limit == (side == Side.Ask))
        .Where(other => !rules.ExactQuantity || other.Rest == energy)
        .Any(other => _owners[other.Sequence] != owner)
        .ShouldBeFalse();

    public void Rested(long order, WattHours rest)
    {
        // It has had its turn.
    }

    public void Rejected(long order, RejectReason reason)
    {
        // Nothing happens.
    }

    public void MatchedAcross(long order, WattHours energy, WattHours rest)
    {
        // With whom and in which turn, a cycle over several zones decides.
    }

    public void Reduced(long order, WattHours by, WattHours rest)
    {
        // It keeps its turn.
    }

    public void Cancelled(long order, WattHours rest, CancelReason reason)
    {
        // An own order in the way: the incoming one goes on.
    }

    public void Expired(long order, WattHours rest)
    {
        // It has left.
    }
}

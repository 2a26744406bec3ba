using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>
/// At every match, looks for an order that should have gone first: on the resting side one of a better rank that the
/// incoming order may take. Reads the book while it matches, which a listener may.
/// </summary>
internal sealed class PriorityWatch : IBookListener
{
    private readonly Dictionary<long, long> _owners = [];
    private long _incoming;

    internal OrderBook<PriorityWatch> Book { get; set; } = null!;

    internal long Target { get; set; }

    public void Accepted(in NewOrder order)
    {
        _incoming = order.Sequence;
        _owners[order.Sequence] = order.Owner;
    }

    public void Matched(in BookMatch match)
    {
        var resting = match.Bid == _incoming ? match.Ask : match.Bid;
        if (Target != 0 || (match.Bid != _incoming && match.Ask != _incoming))
        {
            return;
        }

        var side = resting == match.Ask ? Side.Ask : Side.Bid;
        var limit = side == Side.Ask ? match.AskLimit : match.BidLimit;
        Book.Orders(side)
            .TakeWhile(other => other.Limit == limit
                ? other.Sequence < resting
                : other.Limit < limit == (side == Side.Ask))
            .ShouldAllBe(other => other.Owner == _owners[_incoming]);
    }

    // A restored order has no owner here: it never comes in.
    public void Rested(long order, WattHours rest) => _incoming = 0;

    public void Rejected(long order, RejectReason reason) => _incoming = 0;

    public void MatchedAcross(long order, WattHours energy, WattHours rest) => _incoming = 0;

    public void Reduced(long order, WattHours by, WattHours rest) => _incoming = 0;

    public void Cancelled(long order, WattHours rest, CancelReason reason)
    {
        // An own order in the way: the incoming one goes on.
    }

    public void Expired(long order, WattHours rest) => _incoming = 0;
}

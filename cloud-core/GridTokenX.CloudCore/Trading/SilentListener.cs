using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;
using BookOrder = GridTokenX.Market.Matching.NewOrder;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Of a replay: only how the book stands in the end is of interest.</summary>
internal readonly struct SilentListener : IBookListener
{
    public void Accepted(in BookOrder order)
    {
        // Known from the journal.
    }

    public void Rejected(long order, RejectReason reason)
    {
        // The journal has nothing that was refused; the state hash would tell.
    }

    public void Rested(long order, WattHours rest)
    {
        // In the book.
    }

    public void Matched(in BookMatch match)
    {
        // Written when it happened.
    }

    public void MatchedAcross(long order, WattHours energy, WattHours rest)
    {
        // Written when it happened.
    }

    public void Reduced(long order, WattHours by, WattHours rest)
    {
        // In the book.
    }

    public void Cancelled(long order, WattHours rest, CancelReason reason)
    {
        // Written when it happened.
    }

    public void Expired(long order, WattHours rest)
    {
        // Written when it happened.
    }
}

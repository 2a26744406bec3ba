namespace GridTokenX.Market.Matching;

/// <summary>The order whose turn it is: one that has just come in, or a bid in a cycle.</summary>
internal ref struct Taker
{
    internal readonly long Sequence;
    internal readonly long Owner;
    internal readonly Side Side;
    internal readonly long Limit;
    internal readonly long Energy;
    internal long Rest;

    /// <summary>It met an own order, and its rest is cancelled for that.</summary>
    internal bool Cancelled;

    internal Taker(in NewOrder order)
    {
        Sequence = order.Sequence;
        Owner = order.Owner;
        Side = order.Side;
        Limit = order.Limit.Value;
        Energy = order.Energy.Value;
        Rest = order.Energy.Value - order.Filled.Value;
    }

    internal Taker(ref RestingOrder bid, long limit)
    {
        Sequence = bid.Sequence;
        Owner = bid.Owner;
        Side = Side.Bid;
        Limit = limit;
        Energy = bid.Energy;
        Rest = bid.Rest;
    }
}

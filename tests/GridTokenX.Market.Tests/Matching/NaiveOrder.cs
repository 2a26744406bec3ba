using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.Matching;

internal sealed class NaiveOrder
{
    internal required NewOrder Order { get; init; }

    internal long Energy { get; set; }

    internal long Rest { get; set; }
}

/// <summary>By price, best first, then by sequence.</summary>
internal sealed class ByRank : IComparer<NaiveOrder>
{
    public int Compare(NaiveOrder? left, NaiveOrder? right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var byPrice = left.Order.Limit.CompareTo(right.Order.Limit);
        if (byPrice == 0)
        {
            return left.Order.Sequence.CompareTo(right.Order.Sequence);
        }

        return left.Order.Side == Side.Bid ? -byPrice : byPrice;
    }
}

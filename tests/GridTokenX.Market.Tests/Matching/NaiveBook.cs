using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>The rule itself, without a thought for speed: again and again the best pair that may trade.</summary>
internal static class NaiveBook
{
    internal sealed record Trade(Guid Bid, Guid Ask, long Energy, long Price);

    internal static List<Trade> Match(IReadOnlyList<Order> orders)
    {
        var rest = orders.ToDictionary(static order => order.Id, static order => order.Rest.Value);
        List<Trade> trades = [];
        while (BestPair(orders, rest) is var (bid, ask))
        {
            var energy = Math.Min(rest[bid.Id], rest[ask.Id]);
            rest[bid.Id] -= energy;
            rest[ask.Id] -= energy;
            trades.Add(new Trade(bid.Id, ask.Id, energy, ask.Limit.Value));
        }

        return trades;
    }

    private static (Order Bid, Order Ask)? BestPair(IReadOnlyList<Order> orders, Dictionary<Guid, long> rest)
    {
        var pairs =
            from bid in orders
            where bid.Side == Side.Bid && rest[bid.Id] > 0
            from ask in orders
            where ask.Side == Side.Ask && rest[ask.Id] > 0
            where bid.Limit >= ask.Limit && bid.Owner != ask.Owner && (bid.Target is null || bid.Target == ask.Id)
            orderby bid.Limit.Value descending, bid.Sequence, ask.Limit.Value, ask.Sequence
            select ((Order, Order)?)(bid, ask);
        return pairs.FirstOrDefault();
    }
}

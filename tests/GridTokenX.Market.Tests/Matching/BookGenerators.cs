using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>
/// Small books with few prices and few owners, so that ties, self-crossing and direct purchases are common.
/// </summary>
internal static class BookGenerators
{
    internal static Arbitrary<List<Order>> Books { get; } =
        Arb.From(Gen.Sized(size => Draft.ListOf(Math.Min(size, 40)).Select(Build)));

    private static Gen<int[]> Draft { get; } = Gen.Choose(0, 999_999).ArrayOf(6);

    private static List<Order> Build(IEnumerable<int[]> drafts)
    {
        List<Order> orders = [];
        foreach (var draft in drafts)
        {
            var sequence = orders.Count + 1;
            var side = draft[0] % 2 == 0 ? Side.Bid : Side.Ask;
            var energy = 1 + (draft[2] % 2_000);
            var order = An.Order(
                side,
                price: 1 + (draft[1] % 7 * 13_007),
                energy,
                sequence,
                owner: 1 + (draft[3] % 5),
                filled: draft[4] % 3 == 0 ? draft[4] % energy : 0);
            orders.Add(side == Side.Bid && draft[5] % 4 == 0 ? Targeting(order, orders, draft[5]) : order);
        }

        return orders;
    }

    private static Order Targeting(Order bid, List<Order> orders, int choice)
    {
        var asks = orders.FindAll(static order => order.Side == Side.Ask);
        if (asks.Count == 0)
        {
            return bid;
        }

        var ask = asks[choice % asks.Count];
        return bid with { Target = ask.Id, Limit = ask.Limit };
    }
}

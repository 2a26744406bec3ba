namespace GridTokenX.Benchmarks.Matching.Streams;

/// <summary>
/// What the making of the streams must know of the book they lead to: the best prices, and which orders rest, listed
/// so that one can be drawn. A plain book that trades at the resting order's price; it shares nothing with the engine.
/// </summary>
internal sealed class ReferenceBook
{
    private readonly SortedDictionary<long, LinkedList<Order>>[] _sides = [[], []];
    private readonly Dictionary<long, LinkedListNode<Order>> _resting = [];

    internal List<long> Live { get; } = [];

    /// <summary>0 when the side is empty.</summary>
    internal long Best(int side) => _sides[side].Count == 0 ? 0 : KeyOf(side, _sides[side].First().Key);

    internal (int Side, long Price) Where(long order) => (_resting[order].Value.Side, _resting[order].Value.Price);

    internal void Apply(StreamOperation operation)
    {
        if (operation.Type == 0)
        {
            Add(operation);
        }
        else
        {
            Leave(_resting[operation.Order]);
        }
    }

    private void Add(StreamOperation add)
    {
        var other = 1 - add.Side;
        var rest = add.Quantity;
        while (rest > 0 && Crosses(add, Best(other)))
        {
            var first = _sides[other].First().Value.First!;
            var filled = Math.Min(rest, first.Value.Rest);
            rest -= filled;
            first.Value.Rest -= filled;
            if (first.Value.Rest == 0)
            {
                Leave(first);
            }
        }

        if (rest > 0)
        {
            Enter(new Order { Number = add.Order, Side = add.Side, Price = add.Price, Rest = rest });
        }
    }

    private static bool Crosses(StreamOperation add, long best) =>
        best != 0 && (add.Side == 0 ? best <= add.Price : best >= add.Price);

    private void Enter(Order order)
    {
        var side = _sides[order.Side];
        var key = KeyOf(order.Side, order.Price);
        if (!side.TryGetValue(key, out var level))
        {
            level = [];
            side.Add(key, level);
        }

        order.Position = Live.Count;
        _resting.Add(order.Number, level.AddLast(order));
        Live.Add(order.Number);
    }

    private void Leave(LinkedListNode<Order> node)
    {
        var order = node.Value;
        var level = node.List!;
        level.Remove(node);
        if (level.Count == 0)
        {
            _ = _sides[order.Side].Remove(KeyOf(order.Side, order.Price));
        }

        // The last of the list takes the place of the one that leaves.
        var last = Live[^1];
        Live[order.Position] = last;
        _resting[last].Value.Position = order.Position;
        Live.RemoveAt(Live.Count - 1);
        _ = _resting.Remove(order.Number);
    }

    // Bids stand by their negative price, so that the best comes first on both sides.
    private static long KeyOf(int side, long price) => side == 0 ? -price : price;

    private sealed class Order
    {
        internal required long Number { get; init; }

        internal required int Side { get; init; }

        internal required long Price { get; init; }

        internal required long Rest { get; set; }

        internal int Position { get; set; }
    }
}

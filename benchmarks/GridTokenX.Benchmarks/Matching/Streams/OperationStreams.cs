namespace GridTokenX.Benchmarks.Matching.Streams;

/// <summary>What a stream comes to in any book that trades at the resting order's price.</summary>
public sealed record StreamTotals(long Operations, long Fills, long Quantity, long Value, int Resting);

/// <summary>Three operation streams, the same every time and everywhere.</summary>
public static class OperationStreams
{
    private const int MostAdds = 4_000_000;
    private const int Cancelled = 1_000_000;

    /// <summary>Adds only, bid and ask in turn, at ten overlapping prices: a book that grows.</summary>
    public static StreamTotals W1Totals { get; } =
        new(MostAdds, 1_837_435, 557_724_600, 1_052_144_942_400, 1_972_529);

    /// <summary>About 10,000 resting orders, half passive adds, the rest cancels and crossing adds.</summary>
    public static StreamTotals W2Totals { get; } =
        new(MostAdds, 885_968, 359_815_400, 10_756_381_421_800, 9_993);

    /// <summary>A million adds on a thousand prices, then all cancelled in random order.</summary>
    public static StreamTotals W3Totals { get; } = new(2 * Cancelled, 0, 0, 0, 0);

    public static StreamOperation[] W1()
    {
        var random = new GlibcRandom(3);
        var operations = new StreamOperation[MostAdds];
        for (var i = 0; i < operations.Length; i++)
        {
            var side = i % 2;
            var price = (random.Next() % 10) + (side == 0 ? 1_880 : 1_884);
            var quantity = ((random.Next() % 10) + 1) * 100;
            operations[i] = StreamOperation.Add(side, price, quantity, i);
        }

        return operations;
    }

    public static StreamOperation[] W2()
    {
        var random = new MersenneTwister64(7);
        var book = new ReferenceBook();
        var operations = new StreamOperation[MostAdds];
        var (middle, order) = (30_000L, 0L);
        for (var i = 0; i < operations.Length; i++)
        {
            if (random.Below(200) == 0)
            {
                middle += random.Below(2) != 0 ? 1 : -1;
            }

            var kind = random.Below(100);
            if (kind < (book.Live.Count < 10_000 ? 55 : 45) || book.Live.Count < 100)
            {
                operations[i] = Passive(random, book, middle, order++);
            }
            else if (kind < 90)
            {
                var cancelled = book.Live[(int)random.Below(book.Live.Count)];
                var (side, price) = book.Where(cancelled);
                operations[i] = StreamOperation.Cancel(side, price, cancelled);
            }
            else
            {
                operations[i] = Crossing(random, book, middle, order++);
            }

            book.Apply(operations[i]);
        }

        return operations;
    }

    public static StreamOperation[] W3()
    {
        var random = new MersenneTwister64(9);
        var operations = new StreamOperation[2 * Cancelled];
        var orders = new long[Cancelled];
        for (var i = 0; i < Cancelled; i++)
        {
            orders[i] = i;
            operations[i] = StreamOperation.Add(0, PriceOf(i), 10, i);
        }

        for (var i = Cancelled - 1; i > 0; i--)
        {
            var other = random.Below(i + 1);
            (orders[i], orders[other]) = (orders[other], orders[i]);
        }

        for (var i = 0; i < Cancelled; i++)
        {
            operations[Cancelled + i] = StreamOperation.Cancel(0, PriceOf(orders[i]), orders[i]);
        }

        return operations;

        static long PriceOf(long order) => 100 + (order % 1_000);
    }

    /// <summary>Near the middle, and never beyond the other side's best.</summary>
    private static StreamOperation Passive(MersenneTwister64 random, ReferenceBook book, long middle, long order)
    {
        var side = (int)random.Below(2);
        var distance = 1 + (random.Below(100) * random.Below(100) / 100);
        var best = book.Best(1 - side);
        var price = side == 0 ? middle - distance : middle + distance;
        if (best != 0)
        {
            price = side == 0 ? Math.Min(price, best - 1) : Math.Max(price, best + 1);
        }

        return StreamOperation.Add(side, price, 100 * (1 + random.Below(10)), order);
    }

    /// <summary>Up to two prices deep into the other side.</summary>
    private static StreamOperation Crossing(MersenneTwister64 random, ReferenceBook book, long middle, long order)
    {
        var side = (int)random.Below(2);
        var best = book.Best(1 - side) is var price && price != 0 ? price : middle;
        return StreamOperation.Add(side, side == 0 ? best + 2 : best - 2, 100 * (1 + random.Below(20)), order);
    }
}

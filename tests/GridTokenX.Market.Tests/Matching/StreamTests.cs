using GridTokenX.Benchmarks.Matching.Streams;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>
/// The three streams that engines are measured with: totals as published, events as the naive twin's.
/// </summary>
public sealed class StreamTests
{
    [Fact]
    public void W1_comes_to_its_totals() => Play(OperationStreams.W1(), OperationStreams.W1Totals);

    [Fact]
    public void W2_comes_to_its_totals() => Play(OperationStreams.W2(), OperationStreams.W2Totals);

    [Fact]
    public void W3_comes_to_its_totals() => Play(OperationStreams.W3(), OperationStreams.W3Totals);

    private static void Play(StreamOperation[] operations, StreamTotals totals)
    {
        var rules = new BookRules { Price = TradePrice.Resting };
        var book = new OrderBook<EventDigest>(rules, default);
        var twin = new NaiveBook<EventDigest>(rules, default);
        foreach (var operation in operations)
        {
            if (operation.Type == 0)
            {
                var order = Order(operation);
                _ = book.Place(order);
                _ = twin.Place(order);
            }
            else
            {
                _ = book.Cancel(operation.Order + 1);
                _ = twin.Cancel(operation.Order + 1);
            }
        }

        var sums = book.Listener;
        new StreamTotals(operations.Length, sums.Fills, sums.Quantity, sums.Value, book.Count).ShouldBe(totals);
        sums.Digest.ShouldBe(twin.Listener.Digest);
        book.StateHash().ShouldBe(twin.StateHash());
    }

    private static NewOrder Order(StreamOperation add) => new()
    {
        Sequence = add.Order + 1,
        Owner = (add.Order % 1_000 * 2) + add.Side,
        Side = add.Side == 0 ? Side.Bid : Side.Ask,
        Limit = new PricePerKwh(add.Price),
        Energy = new WattHours(add.Quantity),
        ExpiresAt = MarketTime.Never,
        TimeInForce = TimeInForce.GoodTillCancelled,
    };
}

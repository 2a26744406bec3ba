using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>Who trades, whatever the rules: nobody too few, and nobody before his turn.</summary>
public sealed class MatchingInvariantTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(600);

    [Fact]
    public void Nothing_that_may_trade_is_left_crossed_at_once_or_after_the_cycle()
    {
        var looks = new Dictionary<(MatchingMode, bool), int>();
        Prop.ForAll(NaiveTwinTests.Runs, run =>
        {
            var rules = GeneratedOperations.Rules((ulong)run.Seed);
            var book = new OrderBook<EventDigest>(rules, default);
            foreach (var operation in new GeneratedOperations((ulong)run.Seed).Take(run.Length))
            {
                // What is put back after a restart is matched no earlier than with the next cycle.
                if (operation.Kind == OperationKind.Restore)
                {
                    continue;
                }

                _ = operation.ApplyTo(book);
                if (rules.Mode == MatchingMode.Continuous || operation.Kind == OperationKind.Match)
                {
                    Crossed(book, rules).ShouldBeEmpty($"after {operation}");
                    var kind = (rules.Mode, rules.ExactQuantity);
                    looks[kind] = looks.GetValueOrDefault(kind) + 1;
                }
            }
        }).Check(Many);
        looks.Count.ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public void No_match_passes_over_an_order_with_a_better_rank()
    {
        var (arrivals, cycles) = (0, 0);
        Prop.ForAll(NaiveTwinTests.Runs, run =>
        {
            var rules = GeneratedOperations.Rules((ulong)run.Seed);
            var watch = new PriorityWatch(rules);
            var book = new OrderBook<PriorityWatch>(rules, watch);
            watch.Book = book;
            foreach (var operation in new GeneratedOperations((ulong)run.Seed).Take(run.Length))
            {
                watch.Begin(operation);
                _ = operation.ApplyTo(book);
            }

            (arrivals, cycles) = (arrivals + watch.Seen.Arrivals, cycles + watch.Seen.Cycles);
        }).Check(Many);
        arrivals.ShouldBeGreaterThan(1_000);
        cycles.ShouldBeGreaterThan(1_000);
    }

    [Fact]
    public void Restored_book_goes_on_as_the_one_before_it() => Prop.ForAll(NaiveTwinTests.Runs, static run =>
    {
        var rules = GeneratedOperations.Rules((ulong)run.Seed);
        var operations = new GeneratedOperations((ulong)run.Seed).Take(run.Length * 2).ToList();
        var book = new OrderBook<EventRecorder>(rules, new EventRecorder());
        foreach (var operation in operations.Take(run.Length))
        {
            _ = operation.ApplyTo(book);
        }

        var restored = Restored(book, rules);
        restored.StateHash().ShouldBe(book.StateHash());
        foreach (var operation in operations.Skip(run.Length))
        {
            book.Listener.Events.Clear();
            restored.Listener.Events.Clear();
            operation.ApplyTo(restored).ShouldBe(operation.ApplyTo(book), $"{operation}");
            restored.Listener.Events.ShouldBe(book.Listener.Events, $"after {operation}");
        }

        restored.StateHash().ShouldBe(book.StateHash());
    }).Check(Many);

    /// <summary>As a zone's writer does it.</summary>
    private static OrderBook<EventRecorder> Restored(OrderBook<EventRecorder> book, BookRules rules)
    {
        var restored = new OrderBook<EventRecorder>(rules, new EventRecorder());
        restored.SetDynamicPrice(book.DynamicPrice);
        foreach (var order in book.Orders(Side.Bid).Concat(book.Orders(Side.Ask)).OrderBy(static o => o.Sequence))
        {
            restored.Restore(order.ToNewOrder()).ShouldBe(RejectReason.None);
        }

        restored.ContinueAfter(book.LastSequence);
        restored.AdvanceTo(book.Now);
        return restored;
    }

    private static List<(BookedOrder Bid, BookedOrder Ask)> Crossed(
        OrderBook<EventDigest> book, BookRules rules) =>
    [
        .. from bid in book.Orders(Side.Bid).TakeWhile(bid => !(bid.Limit < book.DynamicPrice)).ToList()
           from ask in book.Orders(Side.Ask).TakeWhile(ask => ask.Limit <= bid.Limit)
           where bid.Owner != ask.Owner && (!rules.ExactQuantity || bid.Rest == ask.Rest)
           select (bid, ask),
    ];
}

using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>What must hold of any book after any operations, seen from its events and its state.</summary>
public sealed class InvariantTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(600);

    [Fact]
    public void Every_event_fits_those_before_and_the_book_holds_what_they_left() => Holds(static (book, ledger) =>
    {
        var booked = book.Orders(Side.Bid).Concat(book.Orders(Side.Ask)).OrderBy(static order => order.Sequence);
        booked.Select(static order => (order.Sequence, order.Rest.Value))
            .ShouldBe(ledger.Live.Select(static order => (order.Order.Sequence, order.Rest)));
    });

    [Fact]
    public void Energy_is_matched_given_back_or_still_there() => HoldsAtTheEnd(static (_, ledger) =>
    {
        ledger.Orders.Values.ShouldAllBe(static order => order.Matched + order.GivenBack + order.Rest
            == (order.Order.Energy - order.Order.Filled).Value);
        var (bought, sold) = (Matched(ledger, Side.Bid), Matched(ledger, Side.Ask));
        bought.ShouldBe(sold);
    });

    [Fact]
    public void Escrow_is_values_fees_refunds_and_rests_to_the_last_micro_grx() => HoldsAtTheEnd(static (_, ledger) =>
    {
        foreach (var bid in ledger.Orders.Values.Where(static order => order.Order.Side == Side.Bid))
        {
            var before = BidEscrow.Share(bid.Order.Limit, WattHours.Zero, bid.Order.Filled);
            var filled = bid.Order.Filled + new WattHours(bid.Matched);
            (before + bid.Paid + BidEscrow.Rest(bid.Order.Limit, bid.Order.Energy, filled))
                .ShouldBe(BidEscrow.Of(bid.Order.Limit, bid.Order.Energy));
        }
    });

    [Fact]
    public void Time_priority_is_never_broken() => HoldsAtTheEnd(static (book, _) =>
    {
        foreach (var side in new[] { Side.Bid, Side.Ask })
        {
            var orders = book.Orders(side).ToList();
            orders.Zip(orders.Skip(1)).ShouldAllBe(pair =>
                pair.First.Limit == pair.Second.Limit
                    ? pair.First.Sequence < pair.Second.Sequence
                    : pair.First.Limit > pair.Second.Limit == (side == Side.Bid));
        }
    });

    [Fact]
    public void Cancel_after_the_end_is_refused() => HoldsAtTheEnd(static (book, ledger) =>
    {
        foreach (var order in ledger.Orders.Values.Where(static order => order.Rest == 0))
        {
            book.Cancel(order.Order.Sequence).ShouldBe(RejectReason.UnknownOrder);
        }
    });

    [Fact]
    public void Nothing_rests_beyond_its_expiry() => Holds(static (book, _) =>
        book.Orders(Side.Bid).Concat(book.Orders(Side.Ask))
            .Where(order => order.ExpiresAt.UtcTicks <= book.Now.UtcTicks).ShouldBeEmpty());

    [Fact]
    public void Depth_is_the_sum_of_its_orders() => Holds(static (book, _) =>
    {
        foreach (var side in new[] { Side.Bid, Side.Ask })
        {
            var levels = book.Orders(side).GroupBy(static order => order.Limit).Select(static level => new DepthLevel(
                level.Key, new WattHours(level.Sum(static order => order.Rest.Value)), level.Count()));
            book.Depth(side).ShouldBe(levels);
        }
    });

    [Fact]
    public void Written_and_read_operations_give_the_same_state() =>
        Prop.ForAll(NaiveTwinTests.Runs, static run =>
        {
            var rules = GeneratedOperations.Rules((ulong)run.Seed);
            var book = new OrderBook<EventDigest>(rules, default);
            var replayed = new OrderBook<EventDigest>(rules, default);
            var bytes = new byte[BookOperation.EncodedLength];
            foreach (var operation in new GeneratedOperations((ulong)run.Seed).Take(run.Length))
            {
                _ = operation.ApplyTo(book);
                operation.Write(bytes);
                _ = BookOperation.Read(bytes).ApplyTo(replayed);
            }

            replayed.Listener.Digest.ShouldBe(book.Listener.Digest);
            replayed.StateHash().ShouldBe(book.StateHash());
        }).Check(Many);

    [Fact]
    public void Orders_restored_by_sequence_make_the_same_book() => HoldsAtTheEnd(static (book, _) =>
    {
        var restored = new OrderBook<EventDigest>(new BookRules(), default);
        var orders = book.Orders(Side.Bid).Concat(book.Orders(Side.Ask)).OrderBy(static order => order.Sequence);
        foreach (var order in orders)
        {
            restored.Restore(order.ToNewOrder()).ShouldBe(RejectReason.None);
        }

        foreach (var side in new[] { Side.Bid, Side.Ask })
        {
            restored.Orders(side).ShouldBe(book.Orders(side));
        }
    });

    private static long Matched(OrderLedger ledger, Side side) =>
        ledger.Orders.Values.Where(order => order.Order.Side == side).Sum(static order => order.Matched - order.Across);

    private static void HoldsAtTheEnd(Action<OrderBook<OrderLedger>, OrderLedger> invariant) =>
        Prop.ForAll(NaiveTwinTests.Runs, run =>
        {
            var ledger = Play(run, static (_, _) => { }, out var book);
            invariant(book, ledger);
        }).Check(Many);

    private static void Holds(Action<OrderBook<OrderLedger>, OrderLedger> invariant) =>
        Prop.ForAll(NaiveTwinTests.Runs, run => _ = Play(run, invariant, out _)).Check(Many);

    private static OrderLedger Play(
        (int Seed, int Length) run,
        Action<OrderBook<OrderLedger>, OrderLedger> each,
        out OrderBook<OrderLedger> book)
    {
        var rules = GeneratedOperations.Rules((ulong)run.Seed);
        var ledger = new OrderLedger(rules);
        book = new OrderBook<OrderLedger>(rules, ledger);
        foreach (var operation in new GeneratedOperations((ulong)run.Seed).Take(run.Length))
        {
            if (operation.Kind == OperationKind.AdvanceTo)
            {
                ledger.Now = new MarketTime(Math.Max(ledger.Now.UtcTicks, operation.Order.ExpiresAt.UtcTicks));
            }
            else if (operation.Kind == OperationKind.SetDynamicPrice)
            {
                ledger.DynamicPrice = operation.Order.Limit;
            }
            else if (operation.Kind == OperationKind.Restore)
            {
                // A restored order was accepted long ago.
                if (book.LastSequence < operation.Order.Sequence)
                {
                    Restore(book, ledger, operation);
                }

                continue;
            }

            _ = operation.ApplyTo(book);
            each(book, ledger);
        }

        return ledger;
    }

    private static void Restore(OrderBook<OrderLedger> book, OrderLedger ledger, BookOperation operation)
    {
        ledger.Accepted(operation.Order);
        if (operation.ApplyTo(book) != RejectReason.None)
        {
            _ = ledger.Orders.Remove(operation.Order.Sequence);
        }
    }
}

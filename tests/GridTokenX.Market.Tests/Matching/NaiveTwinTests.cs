using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>The book does what its naive twin does: event by event, and the same state after every operation.</summary>
public sealed class NaiveTwinTests
{
    /// <summary>A seed, and how many of its operations: shrinks to the shortest run that fails.</summary>
    internal static Arbitrary<(int Seed, int Length)> Runs { get; } = Arb.From(
        from seed in Gen.Choose(0, int.MaxValue)
        from length in Gen.Choose(1, 600)
        select (seed, length),
        static run => Enumerable.Range(0, 10).Select(bit => (run.Item1, run.Item2 - (1 << bit)))
            .Where(static shorter => shorter.Item2 > 0).OrderBy(static shorter => shorter.Item2));

    [Fact]
    public void Book_does_what_its_naive_twin_does_whatever_the_rules() =>
        Prop.ForAll(Runs, static run => _ = Compare(run.Seed, run.Length, everyStep: true))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1_500));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Long_runs_stay_equal(int part)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            _ = Compare((part * 1_000) + seed, 10_000, everyStep: false);
        }
    }

    [Fact]
    public void Book_with_many_prices_does_what_its_naive_twin_does() =>
        Prop.ForAll(Runs, static run => _ = Compare(run.Seed, run.Length * 8, everyStep: false, isWide: true))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(30));

    [Fact]
    public void Thousands_of_orders_at_thousands_of_prices_stay_equal() => Enumerable.Range(0, 4)
        .Max(static seed => Compare(9_000 + seed, 10_000, everyStep: false, isWide: true))
        .ShouldBeGreaterThan(2_000);

    /// <summary>The most orders that rested at a time.</summary>
    private static int Compare(int seed, int length, bool everyStep, bool isWide = false)
    {
        var most = 0;
        var rules = isWide ? GeneratedOperations.WideRules((ulong)seed) : GeneratedOperations.Rules((ulong)seed);
        var (actual, expected) = (new EventRecorder(), new EventRecorder());
        var book = new OrderBook<EventRecorder>(rules, actual);
        var twin = new NaiveBook<EventRecorder>(rules, expected);
        foreach (var operation in new GeneratedOperations((ulong)seed, isWide).Take(length))
        {
            operation.ApplyTo(book).ShouldBe(operation.ApplyTo(twin));
            if (!actual.Events.SequenceEqual(expected.Events))
            {
                actual.Events.ShouldBe(expected.Events, $"after {operation}");
            }

            actual.Events.Clear();
            expected.Events.Clear();
            most = Math.Max(most, book.Count);
            if (everyStep)
            {
                book.StateHash().ShouldBe(twin.StateHash());
            }
        }

        book.StateHash().ShouldBe(twin.StateHash());
        book.Count.ShouldBe(twin.Count);
        return most;
    }
}

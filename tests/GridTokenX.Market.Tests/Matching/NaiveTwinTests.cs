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
        Prop.ForAll(Runs, static run => Compare(run.Seed, run.Length, everyStep: true))
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
            Compare((part * 1_000) + seed, 10_000, everyStep: false);
        }
    }

    private static void Compare(int seed, int length, bool everyStep)
    {
        var rules = GeneratedOperations.Rules((ulong)seed);
        var (actual, expected) = (new EventRecorder(), new EventRecorder());
        var book = new OrderBook<EventRecorder>(rules, actual);
        var twin = new NaiveBook<EventRecorder>(rules, expected);
        foreach (var operation in new GeneratedOperations((ulong)seed).Take(length))
        {
            operation.ApplyTo(book).ShouldBe(operation.ApplyTo(twin));
            if (!actual.Events.SequenceEqual(expected.Events))
            {
                actual.Events.ShouldBe(expected.Events, $"after {operation}");
            }

            actual.Events.Clear();
            expected.Events.Clear();
            if (everyStep)
            {
                book.StateHash().ShouldBe(twin.StateHash());
            }
        }

        book.StateHash().ShouldBe(twin.StateHash());
        book.Count.ShouldBe(twin.Count);
    }
}

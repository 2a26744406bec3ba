using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Metrics;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class ReconciliationWatchTests
{
    private static readonly ReconciliationDifference Vault = new("GRID vault", 5, 4);

    private readonly SteppedTime _time = new(CloudHost.Noon);

    [Fact]
    public async Task Difference_counts_at_once_when_nothing_is_under_way()
    {
        using var watch = Watch(Report(0, Vault));

        await watch.LookAsync(CancellationToken.None);

        watch.Differences.ShouldBe(1);
        watch.Age.ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(4, 1)] // as it was
    [InlineData(3, 0)] // on its way
    public async Task While_something_is_under_way_only_what_stays_counts(int later, int counted)
    {
        using var watch = Watch(Report(2, Vault), Report(2, Vault with { Chain = later }));

        await LookAsync(watch);

        watch.Differences.ShouldBe(counted);
    }

    [Fact]
    public async Task Books_that_match_again_end_the_alarm()
    {
        using var watch = Watch(Report(0, Vault), Report(3));
        await watch.LookAsync(CancellationToken.None);

        await watch.LookAsync(CancellationToken.None);

        watch.Differences.ShouldBe(0);
    }

    private static ReconciliationReport Report(int pending, params ReconciliationDifference[] differences) =>
        new(differences.Length == 0, 10, pending, differences, []);

    private async Task LookAsync(ReconciliationWatch watch)
    {
        var looking = watch.LookAsync(CancellationToken.None);
        while (!looking.IsCompleted)
        {
            _time.Advance(ReconciliationWatch.Again);
            await Task.Yield();
        }

        await looking;
    }

    private ReconciliationWatch Watch(params ReconciliationReport[] reports)
    {
        var next = new Queue<ReconciliationReport>(reports);
        return new ReconciliationWatch(
            _ => Task.FromResult(next.Dequeue()),
            new DatabaseReadiness(),
            new MetricsOptions(),
            new SimulationOptions(),
            new WallTime(_time),
            NullLogger<ReconciliationWatch>.Instance);
    }
}

using FsCheck;
using FsCheck.Fluent;
using GridTokenX.CloudCore.Ingest;
using GridTokenX.Protocol.Api;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Ingest;

/// <summary>
/// However the batches of a device are cut, repeated, reordered and raced, its registers end the same.
/// </summary>
public sealed class AnyInterleavingTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private const int Readings = 12;

    private readonly CloudHost _host = fixture.Host;

    /// <summary>Batches of readings 1–12 by number; several in one step go in at the same time.</summary>
    private static Arbitrary<int[][][]> Deliveries
    {
        get
        {
            var batch = Gen.Choose(1, Readings).NonEmptyListOf().Select(static b => b.Take(8).ToArray());
            var step = batch.NonEmptyListOf().Select(static s => s.Take(3).ToArray());
            return step.ListOf().Select(static steps => steps.Take(5).ToArray()).ToArbitrary();
        }
    }

    [Fact]
    public void Any_delivery_ends_with_the_same_registers_and_stores_nothing_twice() =>
        Prop.ForAll(Deliveries, EndsTheSameAsync)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private async Task<bool> EndsTheSameAsync(int[][][] deliveries)
    {
        _ = await _host.AdvanceAsync(CloudHost.Noon.AddDays(1));
        using var home = await VirtualHome.RegisteredAsync(_host);
        var readings = home.Readings(Readings);
        var ingest = _host.Services.GetRequiredService<ReadingIngest>();
        var accepted = 0L;
        foreach (var step in deliveries.Append([[Readings]]))
        {
            var answers = await Task.WhenAll(step.Select(batch => ingest.TakeAsync(
                [.. batch.Select(number => Submission.Of(readings[number - 1]))],
                home.Gateway.PublicKey,
                CancellationToken.None)));
            accepted += answers.Sum(static answer => answer.Count(static r => r.Status == ReadingResult.Accepted));
            answers.SelectMany(static answer => answer)
                .ShouldAllBe(static r => r.Code == null || r.Code == ProblemCodes.SequenceReused);
        }

        var (stored, last, production, counted) = await StateAsync(home);
        return stored == accepted && counted == accepted && last == Readings && production == Readings * 1_000;
    }

    private async Task<(long Stored, long Last, long Production, long Counted)> StateAsync(VirtualHome home)
    {
        await using var command = _host.Database.CreateCommand(
            """
            select (select count(*) from readings r where r.device = m.device), last_sequence, production_wh, readings
            from meters m where device = $1
            """);
        _ = command.Parameters.AddWithValue(home.Device.PublicKey.ToArray());
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        _ = await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }
}

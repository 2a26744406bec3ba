using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>What waits, how long, and that it goes on by itself; wall time is moved by the test.</summary>
public sealed class PatienceTests
{
    private static readonly DateTimeOffset Start = Some.Noon.AddDays(30);

    [Fact]
    public async Task What_was_refused_for_the_time_being_is_requeued_by_itself_and_arrives_in_order()
    {
        var wall = new SteppedTime(Start);
        await using var world = await World.StartAsync(wall);
        world.Cloud.Refused[world.Device.PublicKey] = ProblemCodes.UserNotVerified;
        await world.Fleet.SendUntilAcknowledgedAsync([Reading(world, 1), Reading(world, 2)]);
        await AdvanceUntilAsync(wall, world, () => world.Count("quarantine") == 2, TimeSpan.FromSeconds(20));

        // The owner is verified; nobody touches the gateway, and a younger reading comes meanwhile.
        _ = world.Cloud.Refused.TryRemove(world.Device.PublicKey, out _);
        await world.Fleet.SendUntilAcknowledgedAsync([Reading(world, 3)]);
        var verifiedAt = wall.GetUtcNow();

        // In steps so small that the end of the hold lies between two of the gateway's regular looks.
        await AdvanceUntilAsync(
            wall,
            world,
            () => world.Count("reading where status = 1") == 3,
            TimeSpan.FromSeconds(4),
            TimeSpan.FromMinutes(3));

        world.Cloud.Accepted.Select(static reading => reading.Sequence).ShouldBe([1, 2, 3]);
        (wall.GetUtcNow() - verifiedAt).ShouldBeLessThan(DeviceHolds.Parole * 2);
    }

    [Fact]
    public async Task Requeueing_ends_with_its_bound()
    {
        var wall = new SteppedTime(Start);
        await using var world = await World.CreateAsync(wall);
        world.Store([Reading(world, 1)]);
        world.Execute("update reading set status = 2, code = 'user_not_verified'");
        world.Execute($"update reading set requeues = {ReadingOutbox.MaxRequeues}");
        await world.StartGatewayAsync();
        var outbox = world.Part<ReadingOutbox>();

        outbox.Requeue(world.Device.PublicKey, wall.GetUtcNow()).ShouldBe(0);
        world.Execute("update reading set requeues = requeues - 1");
        outbox.Requeue(world.Device.PublicKey, wall.GetUtcNow()).ShouldBe(1);
    }

    [Fact]
    public async Task A_device_that_the_cloud_lists_anew_is_tried_at_once()
    {
        await using var world = await World.CreateAsync();
        using var late = SigningKey.Generate();
        world.Store([Some.Reading(late, 1)]);
        world.Execute("update reading set status = 2, code = 'unknown_device'");
        world.Register(late);

        await world.StartGatewayAsync();

        await Eventually.HoldsAsync(() => world.Cloud.Accepted.Count == 1);
    }

    [Fact]
    public async Task Readings_that_come_within_the_window_go_in_one_request()
    {
        var wall = new SteppedTime(Start);
        await using var world = await World.CreateAsync(wall, "--Gateway:BatchWindowMs", "5000");
        await world.StartGatewayAsync();

        for (var i = 1; i <= 5; i++)
        {
            await world.Fleet.SendUntilAcknowledgedAsync([Reading(world, i)]);
        }

        world.Cloud.BatchSizes.ShouldBeEmpty();
        await AdvanceUntilAsync(wall, world, () => world.Cloud.Accepted.Count == 5, TimeSpan.FromSeconds(1));
        world.Cloud.BatchSizes.ToArray().ShouldBe([5]);
    }

    [Fact]
    public async Task When_nothing_comes_for_a_part_of_the_window_what_is_there_goes()
    {
        var wall = new SteppedTime(Start);
        await using var world = await World.CreateAsync(wall, "--Gateway:BatchWindowMs", "60000");
        await world.StartGatewayAsync();
        await world.Fleet.SendUntilAcknowledgedAsync([Reading(world, 1)]);

        await Eventually.HoldsAsync(() =>
        {
            if (wall.GetUtcNow() < Start.AddSeconds(45))
            {
                wall.Advance(TimeSpan.FromSeconds(1));
            }

            return world.Cloud.Accepted.Count == 1;
        });
    }

    [Fact]
    public async Task Four_weeks_offline_are_drained_oldest_first()
    {
        const int FourWeeks = 28 * 24 * 4;
        using var second = SigningKey.Generate();
        await using var world = await World.CreateAsync();
        world.Register(second);
        var readings = Enumerable.Range(1, FourWeeks)
            .SelectMany(i => new[] { Some.Reading(world.Device, i), Some.Reading(second, i) }).ToList();
        world.Store(readings);

        await world.StartGatewayAsync();

        await Eventually.HoldsAsync(() => world.Cloud.Accepted.Count == 2 * FourWeeks, TimeSpan.FromSeconds(60));
        var batches = world.Cloud.Accepted.Chunk(Forwarder.MaxBatch).ToList();
        for (var i = 1; i < batches.Count; i++)
        {
            batches[i].Min(static reading => reading.Timestamp).ShouldBeGreaterThanOrEqualTo(
                batches[i - 1].Min(static reading => reading.Timestamp));
        }

        world.Cloud.Duplicates.ShouldBe(0);
    }

    [Fact]
    public async Task After_a_long_outage_the_rush_waits_a_random_while()
    {
        var wall = new SteppedTime(Start);
        await using var world = await World.CreateAsync(wall, "--Gateway:ReturnSpreadSeconds", "3600");
        world.Store([.. Enumerable.Range(1, 1200).Select(i => Reading(world, i))]);
        world.Cloud.FailNext(10_000, ScriptedCloud.Status(503));
        await world.StartGatewayAsync();
        await AdvanceUntilAsync(
            wall, world, () => world.Cloud.BatchSizes.Count > 10, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
        wall.Advance(Forwarder.LongOutage);
        world.Cloud.Faults.Clear();
        // The clock goes on until the gateway has heard: an answer that comes after the time-out is asked for again.
        await AdvanceUntilAsync(
            wall, world, () => world.Count("reading where status = 1") > 0, TimeSpan.FromSeconds(10));
        var heard = wall.GetUtcNow();

        await AdvanceUntilAsync(
            wall, world, () => world.Cloud.Accepted.Count == 1200, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));

        (wall.GetUtcNow() - heard).ShouldBeLessThan(TimeSpan.FromSeconds(4000));
    }

    [Fact]
    public async Task The_summary_tells_the_newest_of_each_device_while_a_backlog_waits()
    {
        var wall = new SteppedTime(Start);
        await using var world = await World.CreateAsync(wall);
        world.Store([.. Enumerable.Range(1, 800).Select(i => Reading(world, i))]);
        world.Cloud.FailNext(10_000, ScriptedCloud.Status(503));
        await world.StartGatewayAsync();

        await AdvanceUntilAsync(wall, world, () => !world.Cloud.Summaries.IsEmpty, TimeSpan.FromSeconds(20));

        var summary = world.Cloud.Summaries.First();
        summary.Backlog.ShouldBe(800);
        summary.OldestPending.ShouldBe(Reading(world, 1).Timestamp);
        var device = summary.Devices.ShouldHaveSingleItem();
        device.LastSequence.ShouldBe(800);
        device.LastReadingAt.ShouldBe(Reading(world, 800).Timestamp);
    }

    private static SignedReading Reading(World world, int sequence) => Some.Reading(world.Device, sequence);

    private static Task AdvanceUntilAsync(
        SteppedTime wall, World world, Func<bool> condition, TimeSpan step, TimeSpan? within = null) =>
        Eventually.HoldsAsync(
            () =>
            {
                if (condition())
                {
                    return true;
                }

                if (world.Cloud.IsIdle)
                {
                    wall.Advance(step);
                }

                return false;
            },
            within ?? TimeSpan.FromSeconds(60));
}

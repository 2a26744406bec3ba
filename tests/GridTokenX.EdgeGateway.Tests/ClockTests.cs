using System.Text.Json;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.EdgeGateway.Time;
using GridTokenX.Protocol.Hosting;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridTokenX.EdgeGateway.Tests;

public sealed class ClockTests
{
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task A_clock_that_begins_in_1970_tells_no_time_until_the_cloud_has_corrected_it()
    {
        var wall = new JumpingTime(DateTimeOffset.UnixEpoch);
        await using var world = await World.CreateAsync(wall);
        File.Delete(world.TimesyncMarker);
        world.Cloud.ClockOffset = Some.Noon - DateTimeOffset.UnixEpoch;
        world.StoreDevices();
        await world.StartGatewayAsync(awaitDevices: false);
        var reading = Some.Reading(world.Device, 1);
        await world.Fleet.SendUntilAcknowledgedAsync([reading]);

        // Signed with a time of 1970 and refused; the refusal tells the time, and then it is taken.
        await Eventually.HoldsAsync(() =>
        {
            wall.Advance(TimeSpan.FromSeconds(1));
            return world.Cloud.Accepted.Count == 1;
        });

        world.Part<ClockKnowledge>().Source.ShouldBe(ClockSource.Cloud);
        var status = await world.StatusAsync();
        status.Now.ShouldNotBeNull().ShouldBeInRange(Some.Noon.AddSeconds(-10), Some.Noon.AddMinutes(30));
        status.Alarm.ShouldNotBeNull().ShouldContain("clock differs");
        world.Cloud.Accepted.Single().Timestamp.ShouldBe(reading.Timestamp, "the gateway never stamps a reading");

        // Then the network's time service sets the clock.
        world.Cloud.ClockOffset = TimeSpan.Zero;
        wall.SetTo(Some.Noon.AddHours(1));
        await File.WriteAllTextAsync(world.TimesyncMarker, string.Empty);
        await world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(world.Device, 2)]);
        await Eventually.HoldsAsync(async () =>
        {
            wall.Advance(TimeSpan.FromSeconds(1));
            return (await world.StatusAsync()).Alarm is null && world.Cloud.Accepted.Count == 2;
        });
        world.Part<ClockKnowledge>().Source.ShouldBe(ClockSource.System);
    }

    [Fact]
    public async Task Nothing_is_announced_while_nobody_vouches_for_the_time()
    {
        var wall = new SteppedTime(DateTimeOffset.UnixEpoch.AddMinutes(3));
        await using var world = await World.CreateAsync(wall);
        File.Delete(world.TimesyncMarker);
        await world.Cloud.StopAsync();
        await world.StartGatewayAsync(awaitDevices: false);
        await Eventually.HoldsAsync(async () => (await world.StatusAsync()).HomeBroker);
        wall.Advance(TimeSpan.FromMinutes(5));

        (await world.StatusAsync()).Now.ShouldBeNull();
        world.Fleet.PayloadsOn(Topics.Time).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_device_whose_clock_is_ahead_is_told_the_time_and_flagged_until_it_is_right()
    {
        var wall = new SteppedTime(Some.Noon);
        await using var world = await World.StartAsync(wall);
        await Eventually.HoldsAsync(() => world.Fleet.PayloadsOn(Topics.Time).Count > 0);
        var told = world.Fleet.PayloadsOn(Topics.Time).Count;

        await world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(world.Device, 1)]); // 15 minutes ahead

        await Eventually.HoldsAsync(() => world.Fleet.PayloadsOn(Topics.Time).Count > told);
        JsonSerializer.Deserialize(world.Fleet.PayloadsOn(Topics.Time)[^1], ProtocolJson.Default.TimeAnnouncement)!
            .Unix.ShouldBe(Some.Noon.ToUnixTimeSeconds());
        (await world.StatusAsync()).Alarm.ShouldNotBeNull().ShouldContain("clock is wrong");

        wall.Advance(Quarter);
        wall.Advance(Quarter);
        await world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(world.Device, 2)]);
        await Eventually.HoldsAsync(async () => (await world.StatusAsync()).Alarm is null);
    }

    [Fact]
    public void A_clock_behind_is_told_from_readings_that_only_come_late()
    {
        var late = new DeviceClock();
        for (var i = 1; i <= 10; i++)
        {
            late.Saw(i, Some.Noon + (i * Quarter), Some.Noon.AddDays(1).AddSeconds(i));
        }

        late.Offset.ShouldBeNull("ten readings of yesterday in ten seconds are a backlog");
        var behind = new DeviceClock();
        behind.Saw(1, Some.Noon, Some.Noon.AddHours(1));
        behind.Offset.ShouldBeNull();
        behind.Saw(2, Some.Noon + Quarter, Some.Noon.AddHours(1) + Quarter);
        behind.Offset.ShouldBe(TimeSpan.FromHours(-1));
        behind.Saw(3, Some.Noon.AddHours(1) + (2 * Quarter), Some.Noon.AddHours(1) + (2 * Quarter));
        behind.Offset.ShouldBeNull();
    }

    [Fact]
    public void A_recovery_is_shown_for_a_week_whatever_the_clock_is_set_to()
    {
        var time = new JumpingTime(DateTimeOffset.UnixEpoch);
        using var notifier = new ServiceNotifier(null, static (_, _) => { });
        var alarms = new Alarms(NullLogger<Alarms>.Instance);
        var watch = new DatabaseWatch(
            alarms,
            new Heartbeat(notifier, new WallTime(time)),
            new WallTime(time),
            NullLogger<DatabaseWatch>.Instance);
        watch.Recovered("page 7 is damaged", new RecoveryReport("gateway.db.corrupt-1", 100, 0, null));

        time.SetTo(Some.Noon);
        watch.Tidy();
        alarms.Text.ShouldNotBeNull().ShouldContain("100 readings were recovered");
        time.Advance(DatabaseWatch.ShowRecovery - TimeSpan.FromSeconds(1));
        time.SetTo(Some.Noon.AddYears(-1));
        watch.Tidy();
        alarms.Text.ShouldNotBeNull();
        time.Advance(TimeSpan.FromSeconds(1));
        watch.Tidy();
        alarms.Text.ShouldBeNull();

        // And again, should it happen again.
        watch.Recovered("page 9 is damaged", new RecoveryReport("gateway.db.corrupt-2", 99, 1, null));
        watch.Tidy();
        alarms.Text.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_device_that_was_held_by_a_clock_far_ahead_is_not_held_when_the_clock_is_right()
    {
        var wall = new SteppedTime(Some.Noon);
        await using var world = await World.CreateAsync(wall);
        world.Store([Some.Reading(world.Device, 1)]);
        var key = Convert.ToHexString(world.Device.PublicKey.ToArray());
        world.Execute(
            $"""
            insert into hold (device, until, attempts, code)
            values (x'{key}', {Some.Noon.AddYears(4).ToUnixTimeMilliseconds()}, 3, 'in_future')
            """);

        await world.StartGatewayAsync();

        await Eventually.HoldsAsync(() => world.Cloud.Accepted.Count == 1);
    }
}

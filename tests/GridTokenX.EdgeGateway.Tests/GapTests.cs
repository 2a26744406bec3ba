using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>
/// The broker has handed readings to a gateway that died before it stored them: younger ones are there first, and the
/// older ones when their device repeats them. Wall time is moved by the test.
/// </summary>
public sealed class GapTests : IAsyncLifetime
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly SteppedTime _wall = new(Some.Noon.AddDays(30));
    private World _world = null!;

    public async Task InitializeAsync() => _world = await World.CreateAsync(_wall);

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Readings_that_a_device_repeats_late_still_go_before_younger_ones_that_are_stored()
    {
        await ForwardedAsync(1, 2);
        await _world.Fleet.SendUntilAcknowledgedAsync([.. Enumerable.Range(6, 10).Select(Reading)]);
        await GoesOnForAsync(TimeSpan.FromMinutes(5));
        _world.Cloud.Accepted.Select(static reading => reading.Sequence).ShouldBe([1, 2]);

        await _world.Fleet.SendUntilAcknowledgedAsync([.. Enumerable.Range(3, 3).Select(Reading)]);

        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Select(static reading => reading.Sequence)
            .ShouldBe(Enumerable.Range(1, 15).Select(static i => (long)i));
        _world.Count("quarantine").ShouldBe(0);
    }

    [Fact]
    public async Task A_device_that_waits_holds_up_nobody_else_however_much_it_has()
    {
        using var other = SigningKey.Generate();
        _world.Register(other);
        await ForwardedAsync(1);
        await _world.StopGatewayAsync();
        _world.Store([.. Enumerable.Range(3, Forwarder.MaxBatch).Select(Reading)]);
        _world.Store([.. Enumerable.Range(1, 20).Select(i => Some.Reading(other, i))]);

        await _world.StartGatewayAsync();

        await Eventually.HoldsAsync(
            () => _world.Cloud.Accepted.Count(reading => reading.Device == other.PublicKey) == 20);
        _world.Cloud.Accepted.Count.ShouldBe(21);
    }

    [Fact]
    public async Task A_number_that_was_skipped_costs_the_wait_once()
    {
        await ForwardedAsync(1);
        await _world.Fleet.SendUntilAcknowledgedAsync([Reading(9), Reading(10)]);
        await GoesOnForAsync(TimeSpan.FromMinutes(9));
        _world.Cloud.Accepted.Count.ShouldBe(1);
        _world.Cloud.FailNext(2, ScriptedCloud.Status(503));
        await GoesOnUntilAsync(() => _world.Count("reading where status = 1") == 3);

        // The wall clock stands still from here on: nothing is waited for a second time.
        await _world.Fleet.SendUntilAcknowledgedAsync([Reading(11)]);
        await Eventually.HoldsAsync(() => _world.Cloud.Accepted.Count == 4);
        _world.Cloud.Accepted.Select(static reading => reading.Sequence).ShouldBe([1, 9, 10, 11]);
    }

    [Fact]
    public async Task A_device_from_elsewhere_may_begin_with_any_number_after_a_short_wait()
    {
        await _world.StartGatewayAsync();
        await _world.Fleet.SendUntilAcknowledgedAsync([Reading(500)]);
        var acknowledged = _wall.GetUtcNow();

        await GoesOnUntilAsync(() => _world.Cloud.Accepted.Count == 1);

        (_wall.GetUtcNow() - acknowledged).ShouldBeGreaterThanOrEqualTo(GapPatience.AtFirst - Step);
    }

    private SignedReading Reading(int sequence) => Some.Reading(_world.Device, sequence);

    private async Task ForwardedAsync(params int[] sequences)
    {
        await _world.StartGatewayAsync();
        await _world.Fleet.SendUntilAcknowledgedAsync([.. sequences.Select(Reading)]);
        await Eventually.HoldsAsync(() => _world.Count("reading where status = 1") == sequences.Length);
    }

    /// <summary>In steps, each of them while the cloud is not just being asked.</summary>
    private Task GoesOnUntilAsync(Func<bool> condition) =>
        Eventually.HoldsAsync(() =>
        {
            if (condition())
            {
                return true;
            }

            if (_world.Cloud.IsIdle)
            {
                _wall.Advance(Step);
            }

            return false;
        });

    private Task GoesOnForAsync(TimeSpan time)
    {
        var until = _wall.GetUtcNow() + time;
        return GoesOnUntilAsync(() => _wall.GetUtcNow() >= until);
    }
}

using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Readings;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

public sealed class DiskBoundTests : IAsyncLifetime
{
    private const long MaxBytes = GatewayOptions.LeastMaxDatabaseBytes;

    private World _world = null!;

    public async Task InitializeAsync() =>
        _world = await World.StartAsync(null, "--Gateway:MaxDatabaseBytes", $"{MaxBytes}");

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task The_oldest_forwarded_readings_go_first()
    {
        const int Count = 6000;

        for (var first = 1; first <= Count; first += 500)
        {
            await _world.Fleet.SendUntilAcknowledgedAsync(Readings(first, 500));
        }

        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Count.ShouldBe(Count);
        _world.Count("reading").ShouldBeLessThan(Count);
        _world.Count($"reading where sequence = {Count}").ShouldBe(1);
        _world.Count("reading where sequence = 1").ShouldBe(0);
        new FileInfo(_world.Database).Length.ShouldBeLessThanOrEqualTo(MaxBytes);
    }

    [Fact]
    public async Task What_is_still_to_be_forwarded_stays_and_new_readings_are_refused_until_there_is_room()
    {
        await _world.Cloud.StopAsync();
        var taken = new List<SignedReading>();
        var next = 1;
        while (_world.Refusals.Count(Refusals.DatabaseFull) == 0)
        {
            var readings = Readings(next, 100);
            next += readings.Count;
            await _world.Fleet.SendAllAsync(readings);
            await Eventually.HoldsAsync(() =>
                readings.TrueForAll(_world.Fleet.IsAcknowledged) || _world.Refusals.Count(Refusals.DatabaseFull) > 0);
            taken.AddRange(readings);
        }

        (await _world.StatusAsync()).Alarm.ShouldNotBeNull().ShouldContain("full");
        await Eventually.HoldsAsync(
            () => _world.Count("reading where status = 0") == taken.Count(_world.Fleet.IsAcknowledged));
        var stored = _world.Count("reading where status = 0");
        stored.ShouldBeGreaterThan(1000);

        await _world.Cloud.RestartAsync();
        await Eventually.HoldsAsync(() => _world.Cloud.Accepted.Count == stored);
        await _world.Fleet.SendUntilAcknowledgedAsync(taken);
        await _world.NothingIsLeftAsync();

        _world.Cloud.Accepted.Count.ShouldBe(taken.Count);
        (await _world.StatusAsync()).Alarm.ShouldBeNull();
    }

    private List<SignedReading> Readings(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => Some.Reading(_world.Device, i))];
}

using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>A broker is away long enough to be an alarm, and forgets everything: all devices return at once.</summary>
public sealed class ReconnectStormTests : IAsyncLifetime
{
    private const int Devices = 200;
    private const int PerDevice = 6;

    private readonly SteppedTime _wall = new(Some.Noon.AddDays(1));
    private readonly List<SigningKey> _keys =
        [.. Enumerable.Range(0, Devices).Select(static _ => SigningKey.Generate())];

    private readonly List<Fleet> _devices = [];
    private World _world = null!;

    public async Task InitializeAsync()
    {
        _world = await World.CreateAsync(_wall);
        _keys.ForEach(_world.Register);
        _world.StoreDevices();
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_devices.Select(static device => device.DisposeAsync().AsTask()));
        await _world.DisposeAsync();
        _keys.ForEach(static key => key.Dispose());
    }

    [Fact]
    public async Task Two_hundred_devices_that_return_at_once_lose_nothing_and_double_nothing()
    {
        await _world.StartGatewayAsync();
        foreach (var key in _keys)
        {
            // A connection each, as real devices have.
            var name = key.PublicKey.ToString();
            _devices.Add(await Fleet.ConnectAsync(_world.HomeBroker.Port, name, Topics.ReadingAck(name)));
        }

        var first = SendAllAsync(first: 1);
        await Eventually.HoldsAsync(() => Acknowledged() > Devices);

        _world.HomeBroker.Kill9();
        _world.HomeBroker.DeleteDatabase();

        // However far the first ones have come, every device has readings to send while the broker is away.
        var second = SendAllAsync(first: PerDevice + 1, after: first);
        await AlarmAsync(isRaised: true);
        await _world.HomeBroker.RestartAsync();

        await second;
        await AlarmAsync(isRaised: false);
        await Eventually.HoldsAsync(
            async () =>
            {
                if (_world.Cloud.IsIdle)
                {
                    _wall.Advance(TimeSpan.FromSeconds(1));
                }

                return _world.Cloud.Accepted.Count >= 2 * Devices * PerDevice
                    && (await _world.StatusAsync()).Backlog == 0;
            },
            TimeSpan.FromMinutes(3));
        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.GroupBy(static reading => reading.Device).Count().ShouldBe(Devices);
        foreach (var ofDevice in _world.Cloud.Accepted.GroupBy(static reading => reading.Device))
        {
            ofDevice.Select(static reading => reading.Sequence)
                .ShouldBe(Enumerable.Range(1, 2 * PerDevice).Select(static i => (long)i));
        }

        _world.Count("reading").ShouldBe(2 * Devices * PerDevice);
        _world.Count("quarantine").ShouldBe(0);
        (await _world.IsReadyAsync()).ShouldBeTrue();
    }

    private async Task SendAllAsync(int first, Task? after = null)
    {
        await (after ?? Task.CompletedTask);
        await Task.WhenAll(_devices.Select(
            (device, i) => device.SendUntilAcknowledgedAsync(Readings(_keys[i], first))));
    }

    private static List<SignedReading> Readings(SigningKey key, int first) =>
        [.. Enumerable.Range(first, PerDevice).Select(i => Some.Reading(key, i))];

    private int Acknowledged() => _devices.Sum(static device => device.Acknowledged.Count);

    private Task AlarmAsync(bool isRaised) =>
        Eventually.HoldsAsync(() =>
        {
            _wall.Advance(TimeSpan.FromSeconds(1));
            return _world.Part<Alarms>().All().Any(static alarm => alarm.Name == Alarms.HomeBrokerAway) == isRaised;
        });
}

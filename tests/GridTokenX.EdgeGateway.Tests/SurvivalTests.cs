using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>Whatever is killed, every reading reaches the cloud once, each device's in order.</summary>
public sealed class SurvivalTests : IAsyncLifetime
{
    private const int Devices = 5;

    private readonly List<SigningKey> _devices =
        [.. Enumerable.Range(0, Devices).Select(static _ => SigningKey.Generate())];

    private World _world = null!;

    public async Task InitializeAsync()
    {
        _world = await World.CreateAsync();
        _devices.ForEach(_world.Register);
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _devices.ForEach(static device => device.Dispose());
    }

    [Fact]
    public async Task A_killed_gateway_loses_nothing_that_it_acknowledged_and_doubles_nothing()
    {
        const int Rounds = 6;
        const int PerRound = 60;
        for (var round = 0; round < Rounds; round++)
        {
            using var gateway = await GatewayProcess.StartAsync(_world.Settings);
            var sending = _world.Fleet.SendUntilAcknowledgedAsync(Readings(round * PerRound, PerRound));

            // Killed while readings are at every step of their way, each time at another one.
            var acknowledged = ((round * PerRound) + (round * 10)) * Devices;
            await Eventually.HoldsAsync(() => _world.Fleet.Acknowledged.Count >= acknowledged);
            gateway.Kill9();
            _world.Count("reading").ShouldBeGreaterThanOrEqualTo(_world.Fleet.Acknowledged.Count);

            using var again = await GatewayProcess.StartAsync(_world.Settings);
            await sending;
        }

        using var last = await GatewayProcess.StartAsync(_world.Settings);
        await EverythingArrivedAsync(Rounds * PerRound, () => last.Log);
    }

    [Fact]
    public async Task A_home_broker_that_lost_its_database_costs_a_repetition_and_no_reading()
    {
        await _world.StartGatewayAsync();
        var sending = _world.Fleet.SendUntilAcknowledgedAsync(Readings(0, 200));
        await Eventually.HoldsAsync(() => _world.Fleet.Acknowledged.Count > 100);

        _world.HomeBroker.Kill9();
        _world.HomeBroker.DeleteDatabase();
        await _world.HomeBroker.RestartAsync();

        await sending;
        await EverythingArrivedAsync(200);
    }

    [Fact]
    public async Task A_cloud_that_comes_and_goes_gets_everything_once()
    {
        await _world.StartGatewayAsync();
        for (var round = 0; round < 3; round++)
        {
            var sending = _world.Fleet.SendUntilAcknowledgedAsync(Readings(round * 50, 50));
            await _world.Cloud.StopAsync();
            await sending;
            await _world.Cloud.RestartAsync();
        }

        await EverythingArrivedAsync(150);
    }

    private List<SignedReading> Readings(int after, int count) =>
        [.. Enumerable.Range(after + 1, count).SelectMany(i => _devices.Select(device => Some.Reading(device, i)))];

    private async Task EverythingArrivedAsync(int perDevice, Func<string>? log = null)
    {
        try
        {
            await Eventually.HoldsAsync(
                () => _world.Cloud.Accepted.Count == perDevice * Devices, TimeSpan.FromMinutes(3));
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{Seen()}\n{log?.Invoke()}", exception);
        }

        await Eventually.HoldsAsync(() => _world.Count("reading where status = 0") == 0);
        foreach (var device in _devices)
        {
            _world.Cloud.Accepted.Where(reading => reading.Device == device.PublicKey)
                .Select(static reading => reading.Sequence)
                .ShouldBe(Enumerable.Range(1, perDevice).Select(static i => (long)i));
        }

        _world.Count("quarantine").ShouldBe(0);
        _world.Cloud.Complaints.ShouldBeEmpty();
    }

    private string Seen() =>
        $"""
        {_world.Cloud.Accepted.Count} accepted, {_world.Cloud.Duplicates} duplicates at the cloud; at the gateway
        {_world.Count("reading")} stored, {_world.Count("reading where status = 0")} pending,
        {_world.Count("quarantine")} in quarantine ({_world.Count("quarantine where code = 'sequence_reused'")} of them
        overtaken), {_world.Count("hold")} devices held; complaints: {string.Join(", ", _world.Cloud.Complaints)}
        """;
}

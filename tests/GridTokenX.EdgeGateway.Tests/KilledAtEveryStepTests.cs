using System.Text.Json;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>kill -9 at each step of a reading's way, and a start after it.</summary>
public sealed class KilledAtEveryStepTests : IAsyncLifetime
{
    private const int Devices = 4;
    private const int PerDevice = 25;

    private readonly List<SigningKey> _devices =
        [.. Enumerable.Range(0, Devices).Select(static _ => SigningKey.Generate())];

    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private World _world = null!;
    private GatewayProcess _gateway = null!;

    public async Task InitializeAsync()
    {
        _world = await World.CreateAsync();
        _devices.ForEach(_world.Register);
        _world.StoreDevices();
    }

    public async Task DisposeAsync()
    {
        _gateway.Dispose();
        await _world.DisposeAsync();
        _devices.ForEach(static device => device.Dispose());
    }

    [Theory]
    [InlineData("the broker has the readings")]
    [InlineData("the first acknowledgement is out")]
    [InlineData("the cloud is asked")]
    [InlineData("the cloud has stored them and says nothing")]
    [InlineData("half of the cloud's answer is out")]
    [InlineData("the cloud has answered")]
    public async Task Killed_when(string step)
    {
        _gateway = await GatewayProcess.StartAsync(_world.Settings);
        var readings = Enumerable.Range(1, PerDevice)
            .SelectMany(i => _devices.Select(device => Some.Reading(device, i)))
            .ToList();
        Script(step);

        await _world.Fleet.SendAllAsync(readings);
        if (step == "the broker has the readings")
        {
            Kill();
        }

        await _killed.Task.WaitAsync(TimeSpan.FromMinutes(2));
        var acknowledged = readings.Count(_world.Fleet.IsAcknowledged);
        var takenBefore = _world.Cloud.Accepted.Count;
        _world.Count("reading").ShouldBeGreaterThanOrEqualTo(acknowledged);
        _world.Count("reading where status = 1").ShouldBeLessThanOrEqualTo(takenBefore);

        using var again = await GatewayProcess.StartAsync(_world.Settings);
        await _world.Fleet.SendUntilAcknowledgedAsync(readings);

        await Eventually.HoldsAsync(() => _world.Count("reading where status = 1") == readings.Count);
        foreach (var device in _devices)
        {
            _world.Cloud.Accepted.Where(reading => reading.Device == device.PublicKey)
                .Select(static reading => reading.Sequence)
                .ShouldBe(Enumerable.Range(1, PerDevice).Select(static i => (long)i));
        }

        _world.Count("reading").ShouldBe(readings.Count);
        _world.Count("quarantine").ShouldBe(0);
        _world.Cloud.Complaints.ShouldBeEmpty();
    }

    private void Script(string step)
    {
        switch (step)
        {
            case "the first acknowledgement is out":
                _world.Fleet.Acknowledging += _ => Kill();
                break;
            case "the cloud is asked":
                _world.Cloud.Faults.Enqueue((context, _, _) =>
                {
                    Kill();
                    context.Abort();
                    return Task.CompletedTask;
                });
                break;
            case "the cloud has stored them and says nothing":
                _world.Cloud.Faults.Enqueue((_, _, take) =>
                {
                    _ = take();
                    Kill();
                    return Task.CompletedTask;
                });
                break;
            case "half of the cloud's answer is out":
                _world.Cloud.Faults.Enqueue(async (context, _, take) =>
                {
                    var whole = JsonSerializer.SerializeToUtf8Bytes(take(), ProtocolJson.Default.ReadingBatchResponse);
                    context.Response.ContentLength = whole.Length;
                    await context.Response.Body.WriteAsync(whole.AsMemory(0, whole.Length / 2));
                    await context.Response.Body.FlushAsync();
                    Kill();
                });
                break;
            case "the cloud has answered":
                _world.Cloud.Faults.Enqueue(async (context, batch, take) =>
                {
                    await ScriptedCloud.Answer(static answer => answer)(context, batch, take);
                    await context.Response.CompleteAsync();
                    Kill();
                });
                break;
            default:
                break;
        }
    }

    private void Kill()
    {
        _gateway.Kill9();
        _ = _killed.TrySetResult();
    }
}

using System.Diagnostics;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Keys;
using GridTokenX.Testing;
using Xunit.Abstractions;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>Figures for the report; correctness is asserted, speed is not.</summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Two_thousand_readings_of_twenty_devices()
    {
        const int Devices = 20;
        const int PerDevice = 100;
        const int Count = Devices * PerDevice;
        await using var world = await World.CreateAsync();
        var devices = Enumerable.Range(0, Devices).Select(static _ => SigningKey.Generate()).ToList();
        devices.ForEach(world.Register);
        await world.StartGatewayAsync();
        var readings = Enumerable.Range(1, PerDevice)
            .SelectMany(i => devices.Select(device => Some.Reading(device, i)))
            .ToList();

        // The first request of a process pays for compilation.
        var warm = Some.Reading(world.Device, 1);
        await world.Fleet.SendUntilAcknowledgedAsync([warm]);
        await world.NothingIsLeftAsync();
        var watch = Stopwatch.StartNew();
        await world.Fleet.SendAllAsync(readings);
        var published = watch.Elapsed;
        await Eventually.HoldsAsync(() => world.Fleet.Acknowledged.Count == Count + 1);
        var acknowledged = watch.Elapsed;
        await Eventually.HoldsAsync(() => world.Cloud.Accepted.Count == Count + 1);

        output.WriteLine(
            $"{Count} readings: published {published.TotalMilliseconds:F0} ms, acknowledged "
            + $"{acknowledged.TotalMilliseconds:F0} ms ({Count / acknowledged.TotalSeconds:F0}/s), at the cloud "
            + $"{watch.ElapsedMilliseconds} ms in {world.Cloud.BatchSizes.Count} batches");
        var single = Stopwatch.StartNew();
        var one = Some.Reading(world.Device, 2);
        await world.Fleet.SendAsync(one);
        await Eventually.HoldsAsync(() => world.Cloud.Accepted.Count == Count + 2);
        output.WriteLine($"one reading, device to cloud: {single.ElapsedMilliseconds} ms");
        world.Count("quarantine").ShouldBe(0);
    }
}

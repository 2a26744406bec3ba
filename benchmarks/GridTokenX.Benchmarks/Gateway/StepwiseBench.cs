namespace GridTokenX.Benchmarks.Gateway;

/// <summary>
/// A community step by step, as a simulation plays it and as devices with the same interval do: each device sends one
/// reading, all are acknowledged, and then comes the next quarter hour. What small commits and small requests cost
/// shows here and not under full load.
/// </summary>
internal static class StepwiseBench
{
    private const string Name = "gateway-stepwise";
    private const int Devices = 80;
    private const int WarmSteps = 300;
    private const int Steps = 500;

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        await using var rig = await GatewayRig.CreateAsync(time, Devices);
        await using var fleet = await Fleet.ConnectAsync(rig.Home);
        rig.Store([]);
        await rig.StartGatewayAsync("--Gateway:BatchWindowMs", "0");
        await fleet.WarmAsync(rig, 1);

        // From the first number on: the gateway would wait for one that it has not seen.
        var steps = Enumerable.Range(1, WarmSteps + Steps)
            .Select(sequence => rig.Devices.Select(device => Fleet.Message(device, sequence)).ToList())
            .ToList();
        foreach (var step in steps.Take(WarmSteps))
        {
            await StepAsync(fleet, step);
        }

        await rig.IsDrainedAsync();
        var before = GatewayBench.Cpu(rig.Gateway);
        var began = time.GetTimestamp();
        foreach (var step in steps.Skip(WarmSteps))
        {
            await StepAsync(fleet, step);
        }

        var elapsed = time.GetElapsedTime(began);
        await rig.IsDrainedAsync();
        var used = GatewayBench.Cpu(rig.Gateway) - before;
        yield return new Measurement(
            Name,
            "a reading, 80 devices step by step",
            "µs of processor time",
            Math.Round(used.TotalMicroseconds / (Steps * Devices), 1));
        yield return new Measurement(
            Name,
            "a step of 80 devices until all are acknowledged",
            "ms",
            Math.Round(elapsed.TotalMilliseconds / Steps, 2));
    }

    private static async Task StepAsync(Fleet fleet, List<(string Topic, ReadOnlyMemory<byte> Payload)> readings)
    {
        // Each on its own, as each device publishes.
        var acknowledged = fleet.AwaitAcknowledgementsAsync(readings.Count);
        await Task.WhenAll([.. readings.Select(reading => fleet.PublishAsync([reading])), acknowledged]);
    }
}

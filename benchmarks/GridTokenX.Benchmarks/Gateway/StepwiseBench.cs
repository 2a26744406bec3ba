using System.Text.Json;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Benchmarks.Gateway;

/// <summary>
/// A community step by step, as a simulation plays it and as devices with the same interval do: each device sends one
/// reading and repeats its newest statement, all are acknowledged, and then comes the next quarter hour. What small
/// commits and small requests cost shows here and not under full load.
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
        var statements = rig.Devices.Select(Statement).ToList();

        // From the first number on: the gateway would wait for one that it has not seen.
        var steps = Enumerable.Range(1, WarmSteps + Steps)
            .Select(sequence => rig.Devices.Select(device => Fleet.Message(device, sequence)).ToList())
            .ToList();
        foreach (var step in steps.Take(WarmSteps))
        {
            await StepAsync(fleet, step, statements);
        }

        await rig.IsDrainedAsync();
        var before = GatewayBench.Cpu(rig.Gateway);
        var began = time.GetTimestamp();
        foreach (var step in steps.Skip(WarmSteps))
        {
            await StepAsync(fleet, step, statements);
        }

        var elapsed = time.GetElapsedTime(began);
        await rig.IsDrainedAsync();
        var used = GatewayBench.Cpu(rig.Gateway) - before;
        yield return new Measurement(
            Name,
            "a reading and its device's statement, 80 devices step by step",
            "µs of processor time",
            Math.Round(used.TotalMicroseconds / (Steps * Devices), 1));
        yield return new Measurement(
            Name,
            "a step of 80 devices until all are acknowledged",
            "ms",
            Math.Round(elapsed.TotalMilliseconds / Steps, 2));
    }

    private static async Task StepAsync(
        Fleet fleet,
        List<(string Topic, ReadOnlyMemory<byte> Payload)> readings,
        List<(string Topic, ReadOnlyMemory<byte> Payload)> statements)
    {
        // Reading and statement of each device one after the other, each on its own.
        var acknowledged = fleet.AwaitAcknowledgementsAsync(readings.Count);
        var published = readings.Zip(statements).SelectMany(pair =>
            (Task[])[fleet.PublishAsync([pair.First]), fleet.PublishAsync([pair.Second])]);
        await Task.WhenAll([.. published, acknowledged]);
    }

    private static (string Topic, ReadOnlyMemory<byte> Payload) Statement(SigningKey device)
    {
        var unsigned = new DeviceState
        {
            Device = device.PublicKey,
            Sequence = 1,
            Timestamp = DateTimeOffset.UnixEpoch,
            Counter = 0,
            State = LockState.Idle,
            Cause = StateCause.Boot,
            Refusal = CommandRefusal.None,
            SocPermille = ReadingBytes.NoBattery,
            Flags = 0,
            Order = Guid.Empty,
            EnergyWh = 0,
            DeliveredWh = 0,
            Signature = [],
        };
        var signed = unsigned with { Signature = device.Sign(unsigned.CanonicalBytes()) };
        return (
            Topics.State(device.PublicKey.ToString()),
            JsonSerializer.SerializeToUtf8Bytes(signed, ProtocolJson.Default.DeviceState));
    }
}

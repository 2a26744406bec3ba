using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;

namespace GridTokenX.Benchmarks.Gateway;

/// <summary>What a gateway takes, drains and needs.</summary>
internal static class GatewayBench
{
    private const string Name = "gateway";
    private const int ManyDevices = 200;
    private const int Readings = 20_000;
    private const int Backlog = 100_000;
    private const int Rows = 1_000_000;

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        var (own, gateway) = await IntakeAsync(time);
        yield return new Measurement(Name, "broker QoS 1", "messages/s", own);
        yield return new Measurement(Name, "MQTT to SQLite FULL to ack", "readings/s", gateway, own);
        yield return new Measurement(Name, "backlog drained", "readings/s", await DrainAsync(time));
        await foreach (var need in NeedsAsync(time))
        {
            yield return need;
        }
    }

    private static async Task<(double Own, double Gateway)> IntakeAsync(TimeProvider time)
    {
        await using var rig = await GatewayRig.CreateAsync(time, ManyDevices);
        var messages = Enumerable.Range(0, Readings).Select(i =>
        {
            var reading = GatewayRig.Reading(rig.Devices[i % ManyDevices], (i / ManyDevices) + 1);
            return (Topic: Topics.Reading(reading.Device.ToString()),
                Payload: JsonSerializer.SerializeToUtf8Bytes(reading, ProtocolJson.Default.SignedReading));
        }).ToList();
        await using var fleet = Connect(rig, "fleet");
        var acknowledged = 0;
        fleet.MessageReceived += _ => Interlocked.Increment(ref acknowledged);
        fleet.Subscribe("gtx/v1/+/reading/ack", MqttQos.AtLeastOnce);
        fleet.Start();
        await Eventually.HoldsAsync(() => fleet.IsConnected);

        // The same messages to a topic that nobody hears, first once for warmth.
        async Task PublishAsync(string suffix) => await Task.WhenAll(messages.Select(message => fleet.PublishAsync(
            message.Topic + suffix, message.Payload, MqttQos.AtLeastOnce, retain: false, CancellationToken.None)));
        await PublishAsync("/unheard");
        var watch = Stopwatch.StartNew();
        await PublishAsync("/unheard");
        var own = Readings / watch.Elapsed.TotalSeconds;

        rig.Store([]);
        await rig.StartGatewayAsync();
        await WarmAsync(rig, fleet, () => Volatile.Read(ref acknowledged) > 0);
        acknowledged = 0;
        watch.Restart();
        await PublishAsync(string.Empty);
        await Eventually.HoldsAsync(() => Volatile.Read(ref acknowledged) >= Readings, TimeSpan.FromMinutes(2));
        return (own, Readings / watch.Elapsed.TotalSeconds);
    }

    private static async Task<double> DrainAsync(TimeProvider time)
    {
        await using var rig = await GatewayRig.CreateAsync(time, ManyDevices);
        rig.Store(Enumerable.Range(0, Backlog).Select(i =>
            GatewayRig.Reading(rig.Devices[i % ManyDevices], (i / ManyDevices) + 1)));
        await rig.StartGatewayAsync();

        // From a fifth on: the first requests of a process pay for compilation.
        await Eventually.HoldsAsync(() => rig.Taken >= Backlog / 5, TimeSpan.FromMinutes(2));
        var before = rig.Taken;
        var watch = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => rig.Taken >= Backlog, TimeSpan.FromMinutes(5));
        return (double)(Backlog - before) / watch.Elapsed.TotalSeconds;
    }

    private static async IAsyncEnumerable<Measurement> NeedsAsync(TimeProvider time)
    {
        await using var rig = await GatewayRig.CreateAsync(time, ManyDevices);
        rig.StoreHistory(Rows);
        var watch = Stopwatch.StartNew();
        await rig.StartGatewayAsync();
        yield return new Measurement(Name, "start with a million rows", "ms", watch.ElapsedMilliseconds);
        await using var fleet = Connect(rig, "fleet");
        var acknowledged = 0;
        fleet.MessageReceived += _ => Interlocked.Increment(ref acknowledged);
        fleet.Subscribe("gtx/v1/+/reading/ack", MqttQos.AtLeastOnce);
        fleet.Start();
        await Eventually.HoldsAsync(() => fleet.IsConnected);
        var sequence = (Rows / ManyDevices) + 1L;
        await WarmAsync(rig, fleet, () => Volatile.Read(ref acknowledged) > 0);
        for (var round = 0; round < 20; round++, sequence++)
        {
            var expected = acknowledged + ManyDevices;
            await SendAsync(rig, fleet, sequence, ManyDevices);
            await Eventually.HoldsAsync(() => Volatile.Read(ref acknowledged) >= expected, TimeSpan.FromMinutes(1));
        }

        yield return new Measurement(Name, "memory, 200 devices, a million rows", "MiB", Memory(rig.Gateway));

        // 50 devices, one reading a minute each, for two minutes.
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1) / 50, time);
        var before = Cpu(rig.Gateway);
        watch.Restart();
        for (var i = 0; i < 100; i++)
        {
            _ = await timer.WaitForNextTickAsync();
            var reading = GatewayRig.Reading(rig.Devices[i % 50], sequence + (i / 50));
            await fleet.PublishAsync(
                Topics.Reading(reading.Device.ToString()),
                JsonSerializer.SerializeToUtf8Bytes(reading, ProtocolJson.Default.SignedReading),
                MqttQos.AtLeastOnce,
                retain: false,
                CancellationToken.None);
        }

        var share = (Cpu(rig.Gateway) - before) / watch.Elapsed;
        yield return new Measurement(Name, "CPU, 50 devices, a reading a minute each", "% of a core", share * 100);
    }

    private static MosquittoConnection Connect(GatewayRig rig, string client) =>
        new(
            new MqttOptions { Host = "127.0.0.1", Port = rig.Home.Port, ClientId = client, CleanSession = true },
            static (_, _) => { });

    private static Task SendAsync(GatewayRig rig, MosquittoConnection fleet, long sequence, int devices) =>
        Task.WhenAll(rig.Devices.Take(devices).Select(device => fleet.PublishAsync(
            Topics.Reading(device.PublicKey.ToString()),
            JsonSerializer.SerializeToUtf8Bytes(
                GatewayRig.Reading(device, sequence), ProtocolJson.Default.SignedReading),
            MqttQos.AtLeastOnce,
            retain: false,
            CancellationToken.None)));

    private static async Task WarmAsync(GatewayRig rig, MosquittoConnection fleet, Func<bool> isHeard)
    {
        // Repeated as devices do it: the first ones may come before the gateway listens.
        await Eventually.HoldsAsync(
            async () =>
            {
                await SendAsync(rig, fleet, Readings, 20);
                return isHeard() && rig.Taken >= 20;
            },
            TimeSpan.FromMinutes(1));
    }

    /// <summary>What is resident now.</summary>
    private static double Memory(Process process)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status")
            .First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return double.Parse(kibibytes, CultureInfo.InvariantCulture) / 1024;
    }

    private static TimeSpan Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }
}

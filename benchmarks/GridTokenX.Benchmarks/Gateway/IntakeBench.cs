using System.Diagnostics;
using System.Threading.Channels;
using GridTokenX.Mqtt;
using GridTokenX.Testing;

namespace GridTokenX.Benchmarks.Gateway;

/// <summary>
/// Device → broker → gateway → broker → device, and what the broker itself can do with the very same messages: taken
/// and acknowledged, delivered to a subscriber, and answered by a subscriber that does nothing else.
/// </summary>
internal static class IntakeBench
{
    private const string Name = "gateway";
    private const int Devices = 200;
    private const int Readings = 40_000;
    private const int Rounds = 4;

    /// <summary>Of the same length as a reading's topic; the gateway does not listen there.</summary>
    private const string Alone = "gtx/v0/+/reading";

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        await using var rig = await GatewayRig.CreateAsync(time, Devices);
        await using var fleet = await Fleet.ConnectAsync(rig.Home);
        var sequence = 2L;
        List<(string Topic, ReadOnlyMemory<byte> Payload)> Next()
        {
            var first = sequence;
            sequence += Readings / Devices;
            return [.. Enumerable.Range(0, Readings).Select(i =>
                Fleet.Message(rig.Devices[i % Devices], first + (i / Devices)))];
        }

        rig.Store([]);
        await rig.StartGatewayAsync();
        await fleet.WarmAsync(rig, 1);
        await fleet.SendAsync(Next()); // The compiler has seen everything then.
        await rig.IsDrainedAsync();
        var messages = Next();
        var alone = messages.ConvertAll(static message =>
            (Topic: message.Topic.Replace("/v1/", "/v0/", StringComparison.Ordinal), message.Payload));
        var (taken, delivered, answered, stored, both) = (Pace.None, Pace.None, Pace.None, Pace.None, Pace.None);
        var used = double.MaxValue;

        // By turns, and the best of each: what else the machine has to do hits all of them.
        rig.IsAway = true;
        for (var round = 0; round < Rounds; round++)
        {
            taken = taken.Or(await PaceAsync(rig, () => fleet.PublishAsync(alone)));
            delivered = delivered.Or(await DeliveredAsync(rig, fleet, alone));
            answered = answered.Or(await AnsweredAsync(rig, fleet, alone));
            messages = Next();
            var before = GatewayBench.Cpu(rig.Gateway);
            stored = stored.Or(await PaceAsync(rig, () => fleet.SendAsync(messages)));
            used = Math.Min(used, (GatewayBench.Cpu(rig.Gateway) - before).TotalMicroseconds / Readings);
        }

        rig.IsAway = false;
        await rig.IsDrainedAsync();
        for (var round = 0; round < Rounds; round++)
        {
            messages = Next();
            both = both.Or(await PaceAsync(rig, () => fleet.SendAsync(messages)));
            await rig.IsDrainedAsync();
        }

        yield return Rate("broker alone, taken", taken.PerSecond);
        yield return Rate("broker alone, delivered", delivered.PerSecond);
        yield return Rate("broker alone, answered", answered.PerSecond);
        yield return Rate("MQTT to SQLite FULL to ack", stored.PerSecond, answered.PerSecond);
        yield return Rate("MQTT to SQLite FULL to ack, beside delivery", stored.PerSecond, delivered.PerSecond);
        yield return Rate("the same while it forwards", both.PerSecond, answered.PerSecond);
        yield return Rate("MQTT to SQLite FULL to ack, two cores' time", stored.OfTwoCores, answered.OfTwoCores);
        yield return new Measurement(Name, "processor time of the gateway, a reading", "µs", Math.Round(used, 1));
    }

    /// <summary>To a subscriber that only counts.</summary>
    private static async Task<Pace> DeliveredAsync(
        GatewayRig rig, Fleet fleet, List<(string Topic, ReadOnlyMemory<byte> Payload)> messages)
    {
        await using var listener = Fleet.Connection(rig.Home, "listener");
        listener.MessageReceived += _ => fleet.Acknowledged();
        listener.Subscribe(Alone, MqttQos.AtLeastOnce);
        listener.Start();
        await Eventually.HoldsAsync(() => listener.IsConnected);
        return await PaceAsync(rig, () => fleet.SendAsync(messages));
    }

    /// <summary>To a subscriber that answers at once, without a look at what it is.</summary>
    private static async Task<Pace> AnsweredAsync(
        GatewayRig rig, Fleet fleet, List<(string Topic, ReadOnlyMemory<byte> Payload)> messages)
    {
        await using var echo = Fleet.Connection(rig.Home, "echo");
        var heard = Channel.CreateUnbounded<string>();
        echo.MessageReceived += message => heard.Writer.TryWrite(message.Topic + "/ack");
        echo.Subscribe(Alone, MqttQos.AtLeastOnce);
        echo.Start();
        await Eventually.HoldsAsync(() => echo.IsConnected);
        using var end = new CancellationTokenSource();
        var answering = Task.Run(async () =>
        {
            var answer = (ReadOnlyMemory<byte>)"""{"sequence":1}"""u8.ToArray();
            while (await heard.Reader.WaitToReadAsync(end.Token))
            {
                var answers = new List<(string, ReadOnlyMemory<byte>)>();
                while (heard.Reader.TryRead(out var topic))
                {
                    answers.Add((topic, answer));
                }

                await echo.PublishAllAsync(answers, MqttQos.AtLeastOnce, end.Token);
            }
        });
        var pace = await PaceAsync(rig, () => fleet.SendAsync(messages));
        await end.CancelAsync();
        await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return pace;
    }

    private static async Task<Pace> PaceAsync(GatewayRig rig, Func<Task> work)
    {
        var before = Used(rig);
        var watch = Stopwatch.StartNew();
        await work();
        var elapsed = watch.Elapsed;
        return new Pace(Math.Round(Readings / elapsed.TotalSeconds), (Used(rig) - before).TotalMicroseconds / Readings);
    }

    /// <summary>Processor time of all that has a part in it: the clients, the broker, the gateway.</summary>
    private static TimeSpan Used(GatewayRig rig)
    {
        using var clients = Process.GetCurrentProcess();
        return clients.TotalProcessorTime + rig.Home.ProcessorTime + GatewayBench.Cpu(rig.Gateway);
    }

    private static Measurement Rate(string metric, double value, double? baseline = null) =>
        new(Name, metric, "messages/s, QoS 1", value, baseline);

    /// <param name="PerSecond">Messages a second, as they were measured.</param>
    /// <param name="Microseconds">
    /// Processor time of a message: what else the machine has to do falsifies it far less than the rate.
    /// </param>
    private sealed record Pace(double PerSecond, double Microseconds)
    {
        internal static readonly Pace None = new(0, double.MaxValue);

        /// <summary>A second that two cores give to nothing else.</summary>
        internal double OfTwoCores => Math.Round(2_000_000 / Microseconds);

        /// <summary>The better of each.</summary>
        internal Pace Or(Pace other) =>
            new(Math.Max(PerSecond, other.PerSecond), Math.Min(Microseconds, other.Microseconds));
    }
}

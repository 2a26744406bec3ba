using System.Diagnostics;
using System.Threading.Channels;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Wire;
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

        var messages = Next();
        List<(string Topic, ReadOnlyMemory<byte> Payload)> unheard =
            [.. messages.Select(static message => (message.Topic + "/unheard", message.Payload))];
        yield return Rate("broker alone, taken", await BestOfAsync(() => fleet.PublishAsync(unheard)));
        yield return Rate("broker alone, delivered", await DeliveredAsync(rig, fleet, messages));
        var answered = await AnsweredAsync(rig, fleet, messages);
        yield return Rate("broker alone, answered", answered);

        rig.Store([]);
        await rig.StartGatewayAsync();
        await fleet.WarmAsync(rig, 1);
        await fleet.SendAsync(Next()); // The compiler has seen everything then.
        await rig.IsDrainedAsync();
        rig.IsAway = true;
        messages = Next();
        var before = GatewayBench.Cpu(rig.Gateway);
        yield return Rate("MQTT to SQLite FULL to ack", await OnceAsync(() => fleet.SendAsync(messages)), answered);
        var used = (GatewayBench.Cpu(rig.Gateway) - before).TotalMicroseconds / Readings;
        yield return new Measurement(Name, "processor time of the gateway, a reading", "µs", Math.Round(used, 1));
        rig.IsAway = false;
        await rig.IsDrainedAsync();
        messages = Next();
        yield return Rate("the same while it forwards", await OnceAsync(() => fleet.SendAsync(messages)), answered);
    }

    /// <summary>To a subscriber that only counts.</summary>
    private static async Task<double> DeliveredAsync(
        GatewayRig rig, Fleet fleet, List<(string Topic, ReadOnlyMemory<byte> Payload)> messages)
    {
        await using var listener = Fleet.Connection(rig.Home, "listener");
        listener.MessageReceived += _ => fleet.Acknowledged();
        listener.Subscribe(Topics.AllReadings, MqttQos.AtLeastOnce);
        listener.Start();
        await Eventually.HoldsAsync(() => listener.IsConnected);
        return await BestOfAsync(() => fleet.SendAsync(messages));
    }

    /// <summary>To a subscriber that answers at once, without a look at what it is.</summary>
    private static async Task<double> AnsweredAsync(
        GatewayRig rig, Fleet fleet, List<(string Topic, ReadOnlyMemory<byte> Payload)> messages)
    {
        await using var echo = Fleet.Connection(rig.Home, "echo");
        var heard = Channel.CreateUnbounded<string>();
        echo.MessageReceived += message => heard.Writer.TryWrite(message.Topic + "/ack");
        echo.Subscribe(Topics.AllReadings, MqttQos.AtLeastOnce);
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
        var rate = await BestOfAsync(() => fleet.SendAsync(messages));
        await end.CancelAsync();
        await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return rate;
    }

    /// <summary>The first time is for warmth.</summary>
    private static async Task<double> BestOfAsync(Func<Task> work)
    {
        var best = 0.0;
        for (var round = 0; round < 3; round++)
        {
            best = Math.Max(best, await OnceAsync(work));
        }

        return best;
    }

    private static async Task<double> OnceAsync(Func<Task> work)
    {
        var watch = Stopwatch.StartNew();
        await work();
        return Math.Round(Readings / watch.Elapsed.TotalSeconds);
    }

    private static Measurement Rate(string metric, double value, double? baseline = null) =>
        new(Name, metric, "messages/s, QoS 1", value, baseline);
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Mqtt;
using GridTokenX.Testing;

namespace GridTokenX.Benchmarks.Gateway;

/// <summary>
/// Device → broker → gateway → broker → device, and what the broker itself can do with the same messages on topics of
/// the same length: taken and acknowledged, delivered to a subscriber, and answered by a subscriber that does nothing
/// else, with the gateway's client and its limits, and an answer as long as the gateway's.
/// </summary>
/// <remarks>
/// Many short rounds, in each of them everything by turns, forwards and backwards: what else the machine has to do hits
/// all of them. What is told are medians; a ratio is the median of the ratios of the rounds, of two rates measured one
/// after the other, not of two lucky ones.
/// </remarks>
internal static class IntakeBench
{
    private const string Name = "gateway";
    private const int Devices = 200;
    private const int Readings = 12_000;
    private const int WarmRounds = 2;
    private const int Rounds = 11;

    /// <summary>Of the same length as a reading's topic; the gateway does not listen there.</summary>
    private const string Alone = "gtx/v0/+/reading";

    private const string Taken = "broker alone, taken";
    private const string Delivered = "broker alone, delivered";
    private const string Answered = "broker alone, answered";
    private const string Stored = "MQTT to SQLite FULL to ack";
    private const string Forwarding = "the same while it forwards";

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        await using var rig = await GatewayRig.CreateAsync(time, Devices);
        await using var fleet = await Fleet.ConnectAsync(rig.Home);
        rig.Store([]);
        await rig.StartGatewayAsync();
        await fleet.WarmAsync(rig, 1);
        await rig.IsDrainedAsync();
        var round = new IntakeRound(rig, fleet);
        var turns = new Dictionary<string, Func<Task<Pace>>>(StringComparer.Ordinal)
        {
            [Taken] = round.TakenAsync,
            [Delivered] = round.DeliveredAsync,
            [Answered] = round.AnsweredAsync,
            [Stored] = round.StoredAsync,
            [Forwarding] = round.ForwardingAsync,
        };
        var verified = new List<double>();
        var paces = turns.Keys.ToDictionary(static name => name, static _ => new List<Pace>(), StringComparer.Ordinal);
        for (var number = -WarmRounds; number < Rounds; number++)
        {
            round.Begin();
            if (number >= 0)
            {
                verified.Add(VerifyRate.Measure().Cpu);
            }

            foreach (var (name, turn) in number % 2 == 0 ? turns : turns.Reverse())
            {
                var pace = await turn();
                if (number >= 0)
                {
                    paces[name].Add(pace);
                }
            }
        }

        foreach (var measurement in Told(paces).Concat(Bound(paces[Answered], verified)))
        {
            yield return measurement;
        }
    }

    private static IEnumerable<Measurement> Told(Dictionary<string, List<Pace>> paces)
    {
        foreach (var (name, measured) in paces)
        {
            var rates = Spread.Of(measured.Select(static pace => pace.PerSecond));
            yield return new Measurement(Name, name, "messages/s, QoS 1", Math.Round(rates.Median));
        }

        foreach (var measurement in (IEnumerable<Measurement>)[
            .. Ratio($"{Stored}, of answered", paces[Stored], paces[Answered], static pace => pace.PerSecond),
            .. Ratio($"{Stored}, of delivered", paces[Stored], paces[Delivered], static pace => pace.PerSecond),
            .. Ratio($"{Forwarding}, of answered", paces[Forwarding], paces[Answered], static pace => pace.PerSecond),
            .. Ratio($"{Stored}, two cores' time, of answered", paces[Stored], paces[Answered], static pace =>
                pace.OfTwoCores)])
        {
            yield return measurement;
        }

        foreach (var name in (string[])[Stored, Forwarding])
        {
            var used = Spread.Of(paces[name].Select(static pace => pace.GatewayMicroseconds));
            yield return new Measurement(
                Name, $"{name}, processor time of the gateway, a reading", "µs", Math.Round(used.Median, 1));
        }
    }

    /// <summary>
    /// What no gateway can exceed that verifies each reading by itself: one that answers as the subscriber does, and
    /// whose storing costs nothing.
    /// </summary>
    private static IEnumerable<Measurement> Bound(List<Pace> answered, List<double> verified)
    {
        yield return new Measurement(
            Name, "a signature verified, processor time", "µs", Math.Round(Spread.Of(verified).Median, 1));
        var ratios = Spread.Of(answered.Zip(verified, static (pace, verify) =>
            pace.Microseconds / (pace.Microseconds + verify)));
        yield return new Measurement(
            Name, "answered and verified, nothing stored, two cores' time, of answered", "ratio, median of the rounds",
            Math.Round(ratios.Median, 3));
    }

    /// <summary>The median of the rounds' ratios, and between which half of them lie.</summary>
    private static IEnumerable<Measurement> Ratio(
        string what, List<Pace> paces, List<Pace> baselines, Func<Pace, double> rate)
    {
        var ratios = Spread.Of(paces.Zip(baselines, (pace, baseline) => rate(pace) / rate(baseline)));
        yield return new Measurement(Name, what, "ratio, median of the rounds", Math.Round(ratios.Median, 3));
        yield return new Measurement(Name, what, "ratio, lower quartile", Math.Round(ratios.Lower, 3));
        yield return new Measurement(Name, what, "ratio, upper quartile", Math.Round(ratios.Upper, 3));
    }

    /// <param name="PerSecond">Messages a second, as they were measured.</param>
    /// <param name="Microseconds">
    /// Processor time of a message: what else the machine has to do falsifies it far less than the rate.
    /// </param>
    /// <param name="GatewayMicroseconds">The gateway's part of it.</param>
    private sealed record Pace(double PerSecond, double Microseconds, double GatewayMicroseconds)
    {
        /// <summary>A second that two cores give to nothing else.</summary>
        internal double OfTwoCores => 2_000_000 / Microseconds;
    }

    /// <summary>What is done by turns, each time with so many messages.</summary>
    private sealed class IntakeRound(GatewayRig rig, Fleet fleet)
    {
        private readonly Queue<List<(string Topic, ReadOnlyMemory<byte> Payload)>> _readings = [];
        private long _sequence = 1;
        private long _awaited = rig.Taken;
        private List<(string Topic, ReadOnlyMemory<byte> Payload)> _alone = [];
        private ReadOnlyMemory<byte> _answer;

        /// <summary>Makes what is sent: the broker alone gets what the gateway gets first.</summary>
        internal void Begin()
        {
            _answer = Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $$"""{"sequence":{{_sequence + 1}}}"""));
            _readings.Enqueue(Next());
            _readings.Enqueue(Next());
            _alone = _readings.Peek().ConvertAll(static message =>
                (message.Topic.Replace("/v1/", "/v0/", StringComparison.Ordinal), message.Payload));
        }

        internal Task<Pace> TakenAsync() => PaceAsync(() => fleet.PublishAsync(_alone));

        /// <summary>To a subscriber that only counts.</summary>
        internal async Task<Pace> DeliveredAsync()
        {
            await using var listener = await ListeningAsync("listener", _ => fleet.Acknowledged());
            return await PaceAsync(() => fleet.SendAsync(_alone));
        }

        /// <summary>To a subscriber that answers at once, without a look at what it is.</summary>
        internal async Task<Pace> AnsweredAsync()
        {
            var heard = Channel.CreateUnbounded<string>();
            await using var echo = await ListeningAsync(
                "echo", message => heard.Writer.TryWrite(message.Topic + "/ack"));
            using var end = new CancellationTokenSource();
            var answering = AnswerAsync(heard.Reader, echo, _answer, end.Token);
            var pace = await PaceAsync(() => fleet.SendAsync(_alone));
            await end.CancelAsync();
            await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return pace;
        }

        /// <summary>Nothing is forwarded meanwhile: the cloud is asked once, and answers when all is stored.</summary>
        internal async Task<Pace> StoredAsync()
        {
            var messages = _readings.Dequeue();
            rig.HoldAnswers();
            var pace = await PaceAsync(() => fleet.SendAsync(messages));
            rig.LetAnswer();
            await DrainAsync();
            return pace;
        }

        /// <summary>Its processor time goes on until all of them are with the cloud.</summary>
        internal async Task<Pace> ForwardingAsync()
        {
            var messages = _readings.Dequeue();
            var before = GatewayBench.Cpu(rig.Gateway);
            var pace = await PaceAsync(() => fleet.SendAsync(messages));
            await DrainAsync();
            return pace with
            {
                GatewayMicroseconds = (GatewayBench.Cpu(rig.Gateway) - before).TotalMicroseconds / Readings,
            };
        }

        private static async Task AnswerAsync(
            ChannelReader<string> heard,
            MosquittoConnection echo,
            ReadOnlyMemory<byte> answer,
            CancellationToken cancellationToken)
        {
            while (await heard.WaitToReadAsync(cancellationToken))
            {
                var answers = new List<(string, ReadOnlyMemory<byte>)>();
                while (heard.TryRead(out var topic))
                {
                    answers.Add((topic, answer));
                }

                await echo.PublishAllAsync(answers, MqttQos.AtLeastOnce, cancellationToken);
            }
        }

        private async Task<MosquittoConnection> ListeningAsync(string client, Action<MqttMessage> hear)
        {
            var connection = Fleet.Connection(rig.Home, client, HomeBroker.MaxInFlight);
            connection.MessageReceived += hear;
            connection.Subscribe(Alone, MqttQos.AtLeastOnce);
            connection.Start();
            await Eventually.HoldsAsync(() => connection.IsConnected);
            return connection;
        }

        private List<(string Topic, ReadOnlyMemory<byte> Payload)> Next()
        {
            var first = _sequence + 1;
            _sequence += Readings / Devices;
            return [.. ParallelEnumerable.Range(0, Readings).AsOrdered().Select(i =>
                Fleet.Message(rig.Devices[i % Devices], first + (i / Devices)))];
        }

        private Task DrainAsync()
        {
            _awaited += Readings;
            return Eventually.HoldsAsync(() => rig.Taken >= _awaited, TimeSpan.FromMinutes(2));
        }

        private async Task<Pace> PaceAsync(Func<Task> work)
        {
            var (before, gateway) = (Used(), GatewayBench.Cpu(rig.Gateway));
            var watch = Stopwatch.StartNew();
            await work();
            var elapsed = watch.Elapsed;
            return new Pace(
                Readings / elapsed.TotalSeconds,
                (Used() - before).TotalMicroseconds / Readings,
                (GatewayBench.Cpu(rig.Gateway) - gateway).TotalMicroseconds / Readings);
        }

        /// <summary>Processor time of all that has a part in it: the clients, the broker, the gateway.</summary>
        private TimeSpan Used()
        {
            using var clients = Process.GetCurrentProcess();
            return clients.TotalProcessorTime + rig.Home.ProcessorTime + GatewayBench.Cpu(rig.Gateway);
        }
    }
}

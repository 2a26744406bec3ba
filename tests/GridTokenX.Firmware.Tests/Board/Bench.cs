using System.Text;
using System.Text.Json;
using GridTokenX.Firmware.Board;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.Firmware.Tests.Board;

/// <summary>A whole board with a battery of 10 kWh, and a gateway and a cloud that answer at once.</summary>
internal sealed class Bench : IDisposable
{
    internal const string Config = """
        {"wifi_ssid":"home","wifi_password":"secret","broker":"gateway","interval_s":300,"impulses_per_kwh":1000,
         "battery_wh":10240,"battery_mv":51200,"gauge":"ina226","shunt_microohm":750,"bus_ratio_permille":2000}
        """;

    internal static readonly DateTimeOffset Start = new(2026, 6, 1, 6, 2, 0, TimeSpan.Zero);

    private static readonly byte[] CloudSecret = [.. Enumerable.Range(7, 32).Select(i => (byte)i)];

    private long _counter;

    internal Bench(string config = Config, SimulatedFlash? flash = null, DateTimeOffset? start = null)
    {
        Now = start ?? Start;
        Board = SimulatedBoard.Start(config, Now, flash, Gateway);
        Gauge = Board.AttachGauge(750);
    }

    internal ScriptedGateway Gateway { get; } = new();

    internal SimulatedBoard Board { get; }

    internal SimulatedIna226 Gauge { get; }

    internal Device Device => Board.Device!;

    internal DateTimeOffset Now { get; private set; }

    internal long ElapsedMs { get; private set; }

    internal Protocol.Keys.Pairing Cloud => Protocol.Keys.Pairing.Of(CloudSecret, new Key32(Device.PublicKey));

    internal string Serial => string.Join('\n', Board.Hardware.Serial);

    public void Dispose() => Board.Dispose();

    internal void Step() => Board.Step(Now, ElapsedMs);

    /// <summary>Time goes on in steps of 5 s.</summary>
    internal void Pass(TimeSpan time, TimeSpan? inSteps = null)
    {
        var step = inSteps ?? TimeSpan.FromSeconds(5);
        for (var end = Now + time; Now < end;)
        {
            Now += step;
            ElapsedMs += (long)step.TotalMilliseconds;
            Step();
        }
    }

    /// <summary>Time goes on, and nothing of the firmware runs meanwhile.</summary>
    internal void Leap(TimeSpan time)
    {
        Now += time;
        ElapsedMs += (long)time.TotalMilliseconds;
    }

    internal void Press(double seconds = 0.3)
    {
        Board.PressButton(TimeSpan.FromSeconds(seconds));
        Now += TimeSpan.FromSeconds(seconds);
        ElapsedMs += (long)(seconds * 1000);
    }

    internal void Offer(Key32 cloudKey)
    {
        Gateway.Send($"gtx/v1/{Device.Id}/pairing", $$"""{"device":"{{Device.Id}}","cloud_key":"{{cloudKey}}"}""");
        Step();
    }

    internal void Pair()
    {
        Press();
        Offer(Cloud.CloudKey);
        Pass(TimeSpan.FromSeconds(10));
        Press();
        Board.IsPaired.ShouldBeTrue();
    }

    internal DeviceState Lock(Guid order, long energyWh, TimeSpan? expiresIn = null) =>
        Do(Command(CommandKind.Lock, order, energyWh, expiresIn));

    internal LockCommand Command(
        CommandKind kind, Guid order, long energyWh, TimeSpan? expiresIn = null, byte[]? key = null) =>
        new LockCommand
        {
            Device = new Key32(Device.PublicKey),
            Counter = ++_counter,
            Kind = kind,
            Order = order,
            EnergyWh = energyWh,
            Expires = (Now + (expiresIn ?? TimeSpan.FromHours(1))).ToUnixTimeSeconds(),
        }.Authenticated(key ?? Cloud.CommandKey);

    internal DeviceState Do(LockCommand command)
    {
        Gateway.Send(
            $"gtx/v1/{Device.Id}/command",
            JsonSerializer.Serialize(command, ProtocolJson.Default.LockCommand));
        Step();
        return Gateway.States[^1];
    }
}

/// <summary>Broker and gateway in one: takes what boards publish, and acknowledges readings.</summary>
internal sealed class ScriptedGateway : SimulatedNetwork
{
    private readonly List<Line> _lines = [];

    /// <summary>It answers before Start returns, or never.</summary>
    internal ScriptedGateway() => ConnectTimeout = TimeSpan.Zero;

    internal bool IsThere { get; set; } = true;

    internal bool Acknowledges { get; set; } = true;

    /// <summary>Off where a run is repeated thousands of times over.</summary>
    internal bool Verifies { get; set; } = true;

    internal int Attempts { get; private set; }

    internal MqttOptions? LastOptions { get; private set; }

    internal List<SignedReading> Readings { get; } = [];

    internal List<DeviceState> States { get; } = [];

    internal List<(string Topic, string Json, bool Retained)> Others { get; } = [];

    protected internal override IMqttConnection Open(MqttOptions options)
    {
        Attempts++;
        LastOptions = options;
        var line = new Line(this);
        _lines.Add(line);
        return line;
    }

    protected internal override void Leave(IMqttConnection connection) => _lines.Remove((Line)connection);

    internal void Send(string topic, string json, bool retained = false)
    {
        foreach (var line in _lines.ToList())
        {
            line.Deliver(topic, json, retained);
        }
    }

    internal void GoAway()
    {
        IsThere = false;
        foreach (var line in _lines.ToList())
        {
            line.Break();
        }
    }

    private void Take(string topic, byte[] payload, bool retained)
    {
        if (topic.EndsWith("/reading", StringComparison.Ordinal))
        {
            var reading = JsonSerializer.Deserialize(payload, ProtocolJson.Default.SignedReading)!;
            (!Verifies || reading.HasValidSignature()).ShouldBeTrue();
            Readings.Add(reading);
            if (Acknowledges)
            {
                Send($"{topic}/ack", $$"""{"sequence":{{reading.Sequence}}}""");
            }
        }
        else if (topic.EndsWith("/state", StringComparison.Ordinal))
        {
            var state = JsonSerializer.Deserialize(payload, ProtocolJson.Default.DeviceState)!;
            (!Verifies || state.HasValidSignature()).ShouldBeTrue();
            States.Add(state);
        }
        else
        {
            Others.Add((topic, Encoding.UTF8.GetString(payload), retained));
        }
    }

    private sealed class Line(ScriptedGateway gateway) : IMqttConnection
    {
        private readonly List<string> _topics = [];

        public event Action<MqttMessage>? MessageReceived;

        public event Action<bool>? ConnectionChanged;

        public bool IsConnected { get; private set; }

        public void Start()
        {
            IsConnected = gateway.IsThere;
            if (IsConnected)
            {
                ConnectionChanged?.Invoke(true);
            }
        }

        public void Subscribe(string topicFilter, MqttQos qos) => _topics.Add(topicFilter);

        public Task PublishAsync(
            string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, CancellationToken cancellationToken)
        {
            if (!IsConnected)
            {
                return Task.FromException(new MqttException("The connection was lost."));
            }

            gateway.Take(topic, payload.ToArray(), retain);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        internal void Deliver(string topic, string json, bool retained)
        {
            if (_topics.Contains(topic))
            {
                MessageReceived?.Invoke(new MqttMessage(topic, Encoding.UTF8.GetBytes(json), retained));
            }
        }

        internal void Break()
        {
            IsConnected = false;
            ConnectionChanged?.Invoke(false);
        }
    }
}

using System.Text;
using System.Text.Json;
using GridTokenX.Firmware.Board;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;

namespace GridTokenX.Firmware.Tests.Board;

public sealed class BoardUplinkTests
{
    private static readonly string Id = new DeviceName(Rig.Seed).Text;

    [Fact]
    public void Last_will_is_the_retained_offline_status()
    {
        var options = BoardUplink.Options("localhost", 1883, Id);

        options.CleanSession.ShouldBeFalse();
        (options.Will!.Topic, options.Will.Retain, options.Will.Qos)
            .ShouldBe(($"gtx/v1/{Id}/status", true, MqttQos.AtLeastOnce));
        JsonSerializer.Deserialize(options.Will.Payload, ProtocolJson.Default.DeviceStatus)
            .ShouldBe(new DeviceStatus(false, Device.FirmwareVersion, 0));
    }

    [Fact]
    public void Only_its_own_acknowledgements_and_commands_are_subscribed()
    {
        var connection = new FakeConnection();
        _ = new BoardUplink(connection, Id);

        connection.Subscriptions.ShouldBe([$"gtx/v1/{Id}/reading/ack", $"gtx/v1/{Id}/command"]);
    }

    [Fact]
    public void What_arrives_waits_for_the_devices_thread()
    {
        var connection = new FakeConnection { IsConnected = true };
        var uplink = new BoardUplink(connection, Id);
        var board = new SimulatedBoard(new DeviceConfig(), Rig.Seed, new SimulatedFlash(), uplink);
        var arrivals = 0;
        uplink.Arrived += () => arrivals++;

        connection.Connect();
        connection.Receive($"gtx/v1/{Id}/command", "{}");
        (arrivals, board.Device.IgnoredMessages, connection.Published.Count).ShouldBe((2, 0, 0));
        board.Step(Rig.Start, 5000);

        board.Device.IgnoredMessages.ShouldBe(1);
        connection.Published.Select(message => message.Topic)
            .ShouldBe([$"gtx/v1/{Id}/state", $"gtx/v1/{Id}/status", $"gtx/v1/{Id}/state"]);
        JsonSerializer.Deserialize(connection.Published[1].Payload, ProtocolJson.Default.DeviceStatus)
            .ShouldBe(new DeviceStatus(true, Device.FirmwareVersion, 5));
        connection.Published[1].Retain.ShouldBeTrue();
    }

    [Fact]
    public void Failed_publication_is_counted_and_the_reading_stays_in_the_ring()
    {
        var connection = new FakeConnection { IsConnected = true };
        var uplink = new BoardUplink(connection, Id);
        var board = new SimulatedBoard(new DeviceConfig(), Rig.Seed, new SimulatedFlash(), uplink);
        connection.Connect();
        board.Step(Rig.Start, 0);
        connection.Fails = true;

        board.Step(Rig.Start + TimeSpan.FromMinutes(3), 180_000);

        uplink.Failed.ShouldBe(2);
        board.Device.UnacknowledgedReadings.ShouldBe(1);
    }

    [Fact]
    public void Publications_under_way_are_bounded()
    {
        var connection = new FakeConnection { IsConnected = true, Hangs = true };
        var uplink = new BoardUplink(connection, Id);

        Enumerable.Range(0, 1000).Count(_ => uplink.Publish("gtx/v1/x/state", [1], false)).ShouldBe(256);
    }

    [Fact]
    public void Arrivals_are_bounded()
    {
        var connection = new FakeConnection { IsConnected = true };
        var uplink = new BoardUplink(connection, Id);

        for (var i = 0; i < 2000; i++)
        {
            connection.Receive($"gtx/v1/{Id}/command", "{}");
        }

        uplink.Dropped.ShouldBe(2000 - 1024);
    }

    private sealed class DeviceName(byte[] seed)
    {
        internal string Text { get; } = Protocol.Keys.SigningKey.FromSeed(seed).PublicKey.ToString();
    }

    /// <summary>A connection in the test's hands.</summary>
    private sealed class FakeConnection : IMqttConnection
    {
        public event Action<MqttMessage>? MessageReceived;

        public event Action<bool>? ConnectionChanged;

        public bool IsConnected { get; set; }

        internal bool Fails { get; set; }

        internal bool Hangs { get; set; }

        internal List<string> Subscriptions { get; } = [];

        internal List<(string Topic, byte[] Payload, bool Retain)> Published { get; } = [];

        public void Start() => Connect();

        public void Subscribe(string topicFilter, MqttQos qos) => Subscriptions.Add(topicFilter);

        public Task PublishAsync(
            string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, CancellationToken cancellationToken)
        {
            if (Fails)
            {
                return Task.FromException(new MqttException("The connection was lost."));
            }

            Published.Add((topic, payload.ToArray(), retain));
            return Hangs ? new TaskCompletionSource().Task : Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        internal void Connect()
        {
            IsConnected = true;
            ConnectionChanged?.Invoke(true);
        }

        internal void Receive(string topic, string json) =>
            MessageReceived?.Invoke(new MqttMessage(topic, Encoding.UTF8.GetBytes(json), false));
    }
}

using System.Text.Json;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.Firmware.Tests;

/// <summary>
/// The gateway's side of the uplink: takes what the device publishes, as real receivers parse it, and may acknowledge.
/// </summary>
internal sealed class RecordingUplink : ICoreUplink
{
    private readonly Queue<Action<Device>> _arriving = new();

    public bool IsConnected { get; set; } = true;

    /// <summary>Whether each reading is acknowledged at the next delivery.</summary>
    internal bool Acknowledges { get; set; } = true;

    /// <summary>Off where a run is repeated thousands of times over.</summary>
    internal bool Verifies { get; set; } = true;

    /// <summary>What was published, by what a receiver makes of it.</summary>
    internal List<SignedReading> Readings { get; } = [];

    internal List<DeviceState> States { get; } = [];

    internal List<(string Topic, string Json, bool Retained)> Others { get; } = [];

    public bool Publish(string topic, byte[] payload, int length, bool retain)
    {
        if (!IsConnected)
        {
            return false;
        }

        payload = payload[..length];

        if (topic.EndsWith("/reading", StringComparison.Ordinal))
        {
            var reading = JsonSerializer.Deserialize(payload, ProtocolJson.Default.SignedReading)!;
            (!Verifies || reading.HasValidSignature()).ShouldBeTrue();
            reading.IsWellFormed.ShouldBeTrue();
            Readings.Add(reading);
            if (Acknowledges)
            {
                Acknowledge(reading.Sequence);
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
            Others.Add((topic, System.Text.Encoding.UTF8.GetString(payload), retain));
        }

        return true;
    }

    public int Deliver(Device device)
    {
        var count = _arriving.Count;
        for (var i = 0; i < count; i++)
        {
            _arriving.Dequeue()(device);
        }

        return count;
    }

    internal void Acknowledge(long sequence) =>
        _arriving.Enqueue(device => device.OnMessage(
            $"gtx/v1/{device.Id}/reading/ack",
            JsonSerializer.SerializeToUtf8Bytes(new(sequence), ProtocolJson.Default.ReadingAcknowledgement)));

    internal void Send(LockCommand command) =>
        _arriving.Enqueue(device => device.OnMessage(
            $"gtx/v1/{device.Id}/command",
            JsonSerializer.SerializeToUtf8Bytes(command, ProtocolJson.Default.LockCommand)));

    internal void Reconnect()
    {
        IsConnected = true;
        _arriving.Enqueue(device => device.OnConnected());
    }

    /// <summary>What was on its way is lost, as with a power cut.</summary>
    internal void Clear() => _arriving.Clear();
}

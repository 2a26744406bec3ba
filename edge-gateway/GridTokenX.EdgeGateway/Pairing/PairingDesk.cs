using System.Text.Json;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.EdgeGateway.Pairing;

/// <summary>
/// Devices that are connected to the home's broker and are not registered: the installer sees them, and compares their
/// keys. Nothing follows from being listed, and the list is bounded: the newest stay.
/// </summary>
internal sealed class PairingDesk
{
    internal const int MaxWaiting = 50;
    private const int MaxPayloadBytes = 1024;

    private readonly DeviceDirectory _directory;
    private readonly Lock _lock = new();
    private readonly LinkedList<Key32> _connected = [];

    /// <remarks>Statuses are subscribed to by whoever watches the registered devices.</remarks>
    public PairingDesk(HomeBroker home, DeviceDirectory directory)
    {
        _directory = directory;
        home.Connection.MessageReceived += OnMessage;
    }

    /// <summary>The newest first.</summary>
    internal IReadOnlyList<Key32> Waiting()
    {
        lock (_lock)
        {
            return [.. _connected.Where(device => !_directory.TryGet(device.ToString(), out _))];
        }
    }

    private void OnMessage(MqttMessage message)
    {
        if (!message.Topic.EndsWith("/status", StringComparison.Ordinal)
            || message.Payload.Length > MaxPayloadBytes
            || !Key32.TryParse(Topics.DeviceOf(message.Topic), out var device)
            || _directory.TryGet(device.ToString(), out _)
            || IsOnline(message.Payload) is not { } isOnline)
        {
            return;
        }

        lock (_lock)
        {
            _ = _connected.Remove(device);
            if (isOnline)
            {
                _ = _connected.AddFirst(device);
            }

            if (_connected.Count > MaxWaiting)
            {
                _connected.RemoveLast();
            }
        }
    }

    /// <summary>Null for what is no status.</summary>
    private static bool? IsOnline(byte[] payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, ProtocolJson.Default.DeviceStatus)?.Online;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

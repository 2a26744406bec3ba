using System.Collections.Concurrent;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Pairing;

/// <summary>A device that asks to be paired.</summary>
internal sealed record AskingDevice(Key32 Device, DateTimeOffset LastHeard);

/// <summary>
/// Keeps the devices that ask on <c>gtx/v1/{device}/pairing</c> for a while, so that the installer sees them. Anybody in
/// the home can ask: nothing follows from it, and the list is bounded.
/// </summary>
internal sealed class PairingDesk
{
    internal const int MaxAsking = 50;
    internal const string Topic = "gtx/v1/+/pairing";
    internal static readonly TimeSpan Remember = TimeSpan.FromMinutes(5);

    private readonly DeviceDirectory _directory;
    private readonly WallTime _wall;
    private readonly ConcurrentDictionary<Key32, DateTimeOffset> _asking = new();

    public PairingDesk(HomeBroker home, DeviceDirectory directory, WallTime wall)
    {
        (_directory, _wall) = (directory, wall);
        home.Connection.MessageReceived += OnMessage;
        home.Connection.Subscribe(Topic, MqttQos.AtLeastOnce);
    }

    /// <summary>Those not paired yet, the newest first.</summary>
    internal IReadOnlyList<AskingDevice> Asking()
    {
        Forget();
        return [.. _asking.Where(entry => !_directory.TryGet(entry.Key.ToString(), out _))
            .OrderByDescending(static entry => entry.Value)
            .Select(static entry => new AskingDevice(entry.Key, entry.Value))];
    }

    private void Forget()
    {
        foreach (var (device, heard) in _asking)
        {
            if (_wall.UtcNow - heard > Remember)
            {
                _ = _asking.TryRemove(device, out _);
            }
        }
    }

    private void OnMessage(MqttMessage message)
    {
        if (!message.Topic.EndsWith("/pairing", StringComparison.Ordinal)
            || !Key32.TryParse(Protocol.Wire.Topics.DeviceOf(message.Topic), out var device))
        {
            return;
        }

        if (_asking.Count >= MaxAsking && !_asking.ContainsKey(device))
        {
            Forget();
            if (_asking.Count >= MaxAsking)
            {
                return;
            }
        }

        _asking[device] = _wall.UtcNow;
    }
}

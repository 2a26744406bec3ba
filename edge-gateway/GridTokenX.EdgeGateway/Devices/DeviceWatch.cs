using System.Collections.Concurrent;
using System.Text.Json;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Time;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.EdgeGateway.Devices;

/// <summary>What was last heard of a device since the start.</summary>
/// <param name="Online">By its own word or its last will; null while it has said nothing.</param>
/// <param name="Firmware">The version it tells.</param>
/// <param name="HeardAt">Market time of its last reading's arrival.</param>
/// <param name="ClockOffset">How far its clock is off; null when it is not.</param>
internal sealed record DeviceSight(bool? Online, string? Firmware, DateTimeOffset? HeardAt, TimeSpan? ClockOffset);

/// <summary>
/// Keeps an eye on the devices: whether they are there, and whether their clocks are right. A wrong clock is told the
/// time at once and raises an alarm until it is right.
/// </summary>
internal sealed class DeviceWatch
{
    private const int MaxPayloadBytes = 1024;
    private static readonly TimeSpan TellAgain = TimeSpan.FromMinutes(1);

    private readonly DeviceDirectory _directory;
    private readonly MarketClock _clock;
    private readonly Alarms _alarms;
    private readonly ConcurrentDictionary<Key32, Entry> _entries = new();
    private readonly Lock _lock = new();
    private DateTimeOffset _toldAt = DateTimeOffset.MinValue;

    public DeviceWatch(HomeBroker home, DeviceDirectory directory, MarketClock clock, Alarms alarms)
    {
        (_directory, _clock, _alarms) = (directory, clock, alarms);
        home.Connection.MessageReceived += OnMessage;
        home.Connection.Subscribe(Topics.AllStatuses, MqttQos.AtLeastOnce);
        directory.Refreshed += Forget;
    }

    /// <summary>Raised when a device came or went; handlers must not block.</summary>
    internal event Action? Changed;

    /// <summary>Raised when a device must be told the time now; handlers must not block.</summary>
    internal event Action? TimeWanted;

    internal DeviceSight Of(Key32 device) =>
        _entries.TryGetValue(device, out var entry)
            ? new DeviceSight(entry.Online, entry.Firmware, entry.HeardAt, entry.Clock.Offset)
            : new DeviceSight(null, null, null, null);

    internal bool IsOffline(Key32 device) => _entries.TryGetValue(device, out var entry) && entry.Online == false;

    /// <summary>Verified readings as they arrive; from one thread.</summary>
    internal void Saw(IEnumerable<SignedReading> readings)
    {
        if (_clock.Now is not { } now)
        {
            return;
        }

        var (wanted, isNews) = (false, false);
        foreach (var reading in readings)
        {
            var entry = EntryOf(reading.Device);
            var before = entry.Clock.Offset;
            entry.HeardAt = now;
            entry.Clock.Saw(reading.Sequence, reading.Timestamp, now);
            wanted |= entry.Clock.Offset is not null;
            isNews |= entry.Clock.Offset != before;
        }

        if (isNews)
        {
            TellAlarm();
        }

        lock (_lock)
        {
            if (!wanted || now - _toldAt < TellAgain)
            {
                return;
            }

            _toldAt = now;
        }

        TimeWanted?.Invoke();
    }

    private void TellAlarm()
    {
        var off = _entries.Where(static entry => entry.Value.Clock.Offset is not null)
            .Select(entry => $"{entry.Key.ToString()[..8]} by {entry.Value.Clock.Offset!.Value.TotalSeconds:F0} s")
            .Order(StringComparer.Ordinal)
            .ToList();
        if (off.Count == 0)
        {
            _alarms.Clear(Alarms.DeviceClock);
        }
        else
        {
            _alarms.Raise(Alarms.DeviceClock, $"Devices whose clock is wrong: {string.Join(", ", off.Take(5))}.");
        }
    }

    private Entry EntryOf(Key32 device) => _entries.GetOrAdd(device, static _ => new Entry());

    private void Forget()
    {
        var wasOff = false;
        foreach (var device in _entries.Keys)
        {
            if (!_directory.TryGet(device.ToString(), out _) && _entries.TryRemove(device, out var entry))
            {
                wasOff |= entry.Clock.Offset is not null;
            }
        }

        if (wasOff)
        {
            TellAlarm();
        }
    }

    private void OnMessage(MqttMessage message)
    {
        if (!message.Topic.EndsWith("/status", StringComparison.Ordinal)
            || message.Payload.Length > MaxPayloadBytes
            || !_directory.TryGet(Topics.DeviceOf(message.Topic) ?? string.Empty, out var device)
            || !string.Equals(message.Topic, Topics.Status(device.ToString()), StringComparison.Ordinal))
        {
            return;
        }

        try
        {
            if (JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.DeviceStatus) is { } status)
            {
                var entry = EntryOf(device);
                entry.Online = status.Online;
                entry.Firmware = status.Firmware is { Length: <= 40 } firmware ? firmware : null;
                Changed?.Invoke();
            }
        }
        catch (JsonException)
        {
            // A status says nothing that must be kept; the next one comes.
        }
    }

    private sealed class Entry
    {
        internal bool? Online { get; set; }

        internal string? Firmware { get; set; }

        internal DateTimeOffset? HeardAt { get; set; }

        internal DeviceClock Clock { get; } = new();
    }
}

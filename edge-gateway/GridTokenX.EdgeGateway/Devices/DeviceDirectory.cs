using System.Collections.Frozen;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.EdgeGateway.Devices;

/// <summary>
/// Which devices this gateway speaks for: the cloud's last word, kept in the database for a start without it.
/// </summary>
internal sealed class DeviceDirectory
{
    private readonly GatewayDatabase _database;
    private FrozenDictionary<string, Entry> _devices = FrozenDictionary<string, Entry>.Empty;

    internal DeviceDirectory(GatewayDatabase database)
    {
        _database = database;
        database.WhenOpened(Load);
    }

    /// <summary>Raised after every answer of the cloud, also when nothing changed; handlers must not block.</summary>
    internal event Action? Refreshed;

    /// <summary>Set when an unknown device speaks.</summary>
    internal Signal RefreshWanted { get; } = new();

    internal int Count => _devices.Count;

    internal IEnumerable<string> Names => _devices.Keys;

    /// <param name="name">The device's key in Base58, as topics name it.</param>
    /// <param name="device">Its key.</param>
    internal bool TryGet(string name, out Key32 device)
    {
        var found = _devices.TryGetValue(name, out var entry);
        device = entry.Device;
        return found;
    }

    internal IReadOnlyList<GatewayDevice> All() =>
        [.. _devices.Values.Select(static entry => new GatewayDevice(entry.Device, entry.MeterId))];

    /// <summary>Those that were not in the list before.</summary>
    internal IReadOnlyList<Key32> Replace(IReadOnlyList<GatewayDevice> devices)
    {
        var replaced = ByName(devices);
        var before = _devices;
        List<Key32> added =
            [.. replaced.Where(entry => !before.ContainsKey(entry.Key)).Select(static entry => entry.Value.Device)];
        if (added.Count > 0
            || replaced.Count != before.Count
            || replaced.Any(entry => before[entry.Key] != entry.Value))
        {
            // Used from now on, also when it cannot be stored: the cloud is asked again after a restart.
            _devices = replaced;
            Store(devices);
        }

        Refreshed?.Invoke();
        return added;
    }

    private static FrozenDictionary<string, Entry> ByName(IEnumerable<GatewayDevice> devices) =>
        devices.DistinctBy(static device => device.Device).ToFrozenDictionary(
            static device => device.Device.ToString(),
            static device => new Entry(device.Device, device.MeterId),
            StringComparer.Ordinal);

    private void Store(IReadOnlyList<GatewayDevice> devices) =>
        _database.Write(database =>
        {
            _ = database.Command("delete from device").ExecuteNonQuery();
            foreach (var device in devices)
            {
                _ = database.Command(
                    "insert or replace into device (device, meter_id) values ($device, $meter)",
                    ("$device", device.Device.ToArray()),
                    ("$meter", device.MeterId)).ExecuteNonQuery();
            }
        });

    private void Load(GatewayDatabase database)
    {
        var devices = new List<GatewayDevice>();
        using var reader = database.Command("select device, meter_id from device").ExecuteReader();
        while (reader.Read())
        {
            devices.Add(new GatewayDevice(new Key32(reader.GetFieldValue<byte[]>(0)), reader.GetString(1)));
        }

        // A file that was replaced may know less than the cloud has told meanwhile.
        if (devices.Count > 0)
        {
            _devices = ByName(devices);
        }
    }

    private readonly record struct Entry(Key32 Device, string MeterId);
}

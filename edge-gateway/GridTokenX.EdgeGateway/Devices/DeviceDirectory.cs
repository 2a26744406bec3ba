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
    private FrozenDictionary<string, Key32> _devices;

    internal DeviceDirectory(GatewayDatabase database)
    {
        _database = database;
        _devices = ByName(Stored());
    }

    /// <summary>Raised after every answer of the cloud, also when nothing changed; handlers must not block.</summary>
    internal event Action? Refreshed;

    /// <summary>Set when an unknown device speaks.</summary>
    internal Signal RefreshWanted { get; } = new();

    internal int Count => _devices.Count;

    internal IEnumerable<string> Names => _devices.Keys;

    /// <param name="name">The device's key in Base58, as topics name it.</param>
    /// <param name="device">Its key.</param>
    internal bool TryGet(string name, out Key32 device) => _devices.TryGetValue(name, out device);

    internal void Replace(IReadOnlyList<GatewayDevice> devices)
    {
        var replaced = ByName(devices.Select(static device => device.Device));
        if (replaced.Count != _devices.Count || !replaced.Keys.All(_devices.ContainsKey))
        {
            Store(devices);
            _devices = replaced;
        }

        Refreshed?.Invoke();
    }

    private static FrozenDictionary<string, Key32> ByName(IEnumerable<Key32> devices) =>
        devices.Distinct().ToFrozenDictionary(static device => device.ToString(), StringComparer.Ordinal);

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

    private List<Key32> Stored() =>
        _database.Read(static database =>
        {
            var devices = new List<Key32>();
            using var reader = database.Command("select device from device").ExecuteReader();
            while (reader.Read())
            {
                devices.Add(new Key32(reader.GetFieldValue<byte[]>(0)));
            }

            return devices;
        });
}

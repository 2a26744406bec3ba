using GridTokenX.Mqtt;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>
/// Devices whose readings the cloud does not take yet: their forwarding rests for a while, everybody else's goes on.
/// Kept in the database, so that a restart neither hurries nor forgets.
/// </summary>
internal sealed class DeviceHolds
{
    /// <summary>Tries before "not now" is taken for "never": about half an hour.</summary>
    internal const int MaxAttempts = 20;

    private static readonly ReconnectDelays Delays = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    private readonly GatewayDatabase _database;
    private readonly HashSet<Key32> _held;

    internal DeviceHolds(GatewayDatabase database)
    {
        _database = database;
        _held = Stored();
    }

    /// <summary>False when the device has used up its attempts.</summary>
    internal bool TryHold(Key32 device, DateTimeOffset wallNow)
    {
        _ = _held.Add(device);
        return _database.Write(database =>
        {
            var key = device.ToArray();
            var attempts = (long?)database.Command(
                "select attempts from hold where device = $device", ("$device", key)).ExecuteScalar() ?? 0;
            if (attempts >= MaxAttempts)
            {
                return false;
            }

            _ = database.Command(
                "insert or replace into hold (device, until, attempts) values ($device, $until, $attempts)",
                ("$device", key),
                ("$until", (wallNow + Delays.Next((int)attempts)).ToUnixTimeMilliseconds()),
                ("$attempts", attempts + 1)).ExecuteNonQuery();
            return true;
        });
    }

    /// <summary>The cloud took a reading of the device: its count begins anew.</summary>
    internal void Release(Key32 device)
    {
        if (_held.Remove(device))
        {
            _database.Write(database => _ = database.Command(
                "delete from hold where device = $device", ("$device", device.ToArray())).ExecuteNonQuery());
        }
    }

    /// <summary>How long until the next held device may be tried; null when none is held.</summary>
    internal TimeSpan? UntilNext(DateTimeOffset wallNow) =>
        _database.Read(database =>
        {
            var now = wallNow.ToUnixTimeMilliseconds();
            var next = database.Command(
                "select min(until) from hold where until > $now", ("$now", now)).ExecuteScalar();
            return next is long until ? TimeSpan.FromMilliseconds(until - now) : (TimeSpan?)null;
        });

    private HashSet<Key32> Stored() =>
        _database.Read(static database =>
        {
            var held = new HashSet<Key32>();
            using var reader = database.Command("select device from hold").ExecuteReader();
            while (reader.Read())
            {
                _ = held.Add(new Key32(reader.GetFieldValue<byte[]>(0)));
            }

            return held;
        });
}

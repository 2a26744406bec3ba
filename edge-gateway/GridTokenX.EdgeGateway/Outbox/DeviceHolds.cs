using GridTokenX.Mqtt;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>
/// Devices whose readings the cloud does not take yet: their forwarding rests for a while, everybody else's goes on.
/// After its first attempts a device's readings go to quarantine and are tried again about every hour. Kept in the
/// database, so that a restart neither hurries nor forgets.
/// </summary>
internal sealed class DeviceHolds
{
    /// <summary>Tries before the readings go to quarantine: about half an hour.</summary>
    internal const int MaxAttempts = 20;

    /// <summary>Between the tries after that; drawn from this to one and a half times this.</summary>
    internal static readonly TimeSpan Parole = TimeSpan.FromHours(1);

    /// <summary>No hold is longer: one that seems to be was made by a clock that was set back since.</summary>
    internal static readonly TimeSpan Longest = 2 * Parole;

    private static readonly ReconnectDelays Delays = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
    private static readonly ReconnectDelays ParoleJitter = new(Parole / 2, Parole / 2);

    private readonly GatewayDatabase _database;
    private readonly Lock _lock = new();
    private readonly HashSet<Key32> _held = [];

    internal DeviceHolds(GatewayDatabase database)
    {
        _database = database;
        database.WhenOpened(Load);
    }

    /// <summary>
    /// Holds the device; false when it has used up its attempts, and its readings are to go to quarantine meanwhile.
    /// </summary>
    internal bool TryHold(Key32 device, string code, DateTimeOffset wallNow)
    {
        lock (_lock)
        {
            _ = _held.Add(device);
        }

        return _database.Write(database =>
        {
            var key = device.ToArray();
            var attempts = (long?)database.Command(
                "select attempts from hold where device = $device", ("$device", key)).ExecuteScalar() ?? 0;
            var isPatient = attempts < MaxAttempts;
            var pause = isPatient ? Delays.Next((int)attempts) : Parole + ParoleJitter.Next(0);
            _ = database.Command(
                """
                insert or replace into hold (device, until, attempts, code) values ($device, $until, $attempts, $code)
                """,
                ("$device", key),
                ("$until", (wallNow + pause).ToUnixTimeMilliseconds()),
                ("$attempts", isPatient ? attempts + 1 : attempts),
                ("$code", code)).ExecuteNonQuery();
            return isPatient;
        });
    }

    /// <summary>The cloud took a reading of the device: its count begins anew.</summary>
    internal void Release(Key32 device)
    {
        bool was;
        lock (_lock)
        {
            was = _held.Remove(device);
        }

        if (was)
        {
            _database.Write(database => _ = database.Command(
                "delete from hold where device = $device", ("$device", device.ToArray())).ExecuteNonQuery());
        }
    }

    /// <summary>Something has changed that may be the reason: the device is tried at once.</summary>
    internal void TryNow(Key32 device, DateTimeOffset wallNow) =>
        _database.Write(database => _ = database.Command(
            "update hold set until = $now where device = $device and until > $now",
            ("$device", device.ToArray()),
            ("$now", wallNow.ToUnixTimeMilliseconds())).ExecuteNonQuery());

    /// <summary>Whether a hold is over now that was not, or did not exist, before.</summary>
    internal bool AnyEnded(DateTimeOffset before, DateTimeOffset now) =>
        _database.Read(database => database.Command(
            """
            select exists (
              select 1 from hold
              where (until <= $now or until > $now + $longest) and until >= $before and until <= $before + $longest)
            """,
            ("$before", before.ToUnixTimeMilliseconds()),
            ("$now", now.ToUnixTimeMilliseconds()),
            ("$longest", (long)Longest.TotalMilliseconds)).ExecuteScalar() is 1L);

    /// <summary>How long until the next held device may be tried; null when none is held.</summary>
    internal TimeSpan? UntilNext(DateTimeOffset wallNow) =>
        _database.Read(database =>
        {
            var now = wallNow.ToUnixTimeMilliseconds();
            var next = database.Command(
                "select min(until) from hold where until > $now and until <= $now + $longest",
                ("$now", now),
                ("$longest", (long)Longest.TotalMilliseconds)).ExecuteScalar();
            return next is long until ? TimeSpan.FromMilliseconds(until - now) : (TimeSpan?)null;
        });

    private void Load(GatewayDatabase database)
    {
        lock (_lock)
        {
            _held.Clear();
            using var reader = database.Command("select device from hold").ExecuteReader();
            while (reader.Read())
            {
                _ = _held.Add(new Key32(reader.GetFieldValue<byte[]>(0)));
            }
        }
    }
}

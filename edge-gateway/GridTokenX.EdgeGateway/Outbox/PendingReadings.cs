using System.Runtime.InteropServices;
using System.Text.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>
/// In which order pending readings go. Arrival decides between devices; within a device sequence does, because a
/// repeated reading may arrive after a younger one. From where on a device's are to be looked for is kept in memory:
/// an index of them would cost every commit as many pages again as it has devices. Used inside a read or a write of the
/// database only.
/// </summary>
internal sealed class PendingReadings
{
    /// <summary>No pending reading of the device is below.</summary>
    private readonly Dictionary<Key32, long> _bounds = [];

    private bool _isRead;

    /// <summary>The file may be another one.</summary>
    internal void Forget()
    {
        _bounds.Clear();
        _isRead = false;
    }

    /// <summary>This one is pending from now on, if the transaction under way comes to its end.</summary>
    internal void Add(Key32 device, long sequence)
    {
        // Before the bounds are read there is nothing to keep up to date: it will be among what is read.
        if (_isRead)
        {
            ref var bound = ref CollectionsMarshal.GetValueRefOrAddDefault(_bounds, device, out var isThere);
            bound = isThere ? Math.Min(bound, sequence) : sequence;
        }
    }

    /// <summary>
    /// The oldest of devices that are not held, each device's together and in the order of its sequence.
    /// </summary>
    /// <param name="database">In a read.</param>
    /// <param name="max">At most so many.</param>
    /// <param name="wallNow">Decides which holds are over.</param>
    /// <param name="but">Devices to pass over.</param>
    internal List<PendingReading> Take(
        GatewayDatabase database, int max, DateTimeOffset wallNow, IReadOnlyCollection<Key32> but)
    {
        var taken = new List<PendingReading>();
        foreach (var (device, count) in OldestDevices(database, max, wallNow, but))
        {
            if (!_isRead)
            {
                Read(database);
            }

            AddLowest(database, device, count, taken);
        }

        return taken;
    }

    internal static SignedReading ReadReading(Statement row, Key32 device) =>
        new()
        {
            Device = device,
            Sequence = row.Int64(1),
            Timestamp = DateTimeOffset.FromUnixTimeSeconds(row.Int64(2)),
            ProductionWh = row.Int64(3),
            ConsumptionWh = row.Int64(4),
            SocPermille = (ushort)row.Int64(5),
            Flags = (ushort)row.Int64(6),
            IntervalSeconds = (uint)row.Int64(7),
            Signature = row.Blob(8).ToArray(),
        };

    /// <summary>How many readings of which device lie among the oldest pending ones.</summary>
    private static List<(byte[] Device, int Count)> OldestDevices(
        GatewayDatabase database, int max, DateTimeOffset wallNow, IReadOnlyCollection<Key32> but)
    {
        var passedOver = but.Count == 0
            ? null
            : JsonSerializer.Serialize(but.Select(static device => Convert.ToHexString(device.ToArray())));
        using var reader = database.Command(
            """
            select device, count(*) from (
              select reading.id, reading.device
              from reading left join hold on hold.device = reading.device
              where reading.status = 0 and (hold.until is null or hold.until <= $now or hold.until > $now + $longest)
                and ($but is null or hex(reading.device) not in (select value from json_each($but)))
              order by reading.id limit $max)
            group by device order by min(id)
            """,
            ("$now", wallNow.ToUnixTimeMilliseconds()),
            ("$longest", (long)DeviceHolds.Longest.TotalMilliseconds),
            ("$but", passedOver),
            ("$max", max)).ExecuteReader();
        var devices = new List<(byte[], int)>();
        while (reader.Read())
        {
            devices.Add((reader.GetFieldValue<byte[]>(0), reader.GetInt32(1)));
        }

        return devices;
    }

    private void AddLowest(GatewayDatabase database, byte[] device, int count, List<PendingReading> taken)
    {
        var key = new Key32(device);
        var first = taken.Count;
        AddFrom(database, device, _bounds.GetValueOrDefault(key, long.MinValue), count, taken);
        if (taken.Count - first < count)
        {
            // Somebody else has changed the rows, as a hand that mends them may: they are looked for everywhere.
            taken.RemoveRange(first, taken.Count - first);
            AddFrom(database, device, long.MinValue, count, taken);
        }

        if (taken.Count > first)
        {
            _bounds[key] = taken[first].Reading.Sequence;
        }
    }

    private static void AddFrom(
        GatewayDatabase database, byte[] device, long bound, int count, List<PendingReading> taken)
    {
        var rows = database.Statement(
            """
            select id, sequence, timestamp, production_wh, consumption_wh, soc_permille, flags, interval_s, signature
            from reading where device = ?1 and sequence >= ?2 and status = 0 order by sequence limit ?3
            """)
            .Bind(1, device)
            .Bind(2, bound)
            .Bind(3, count);
        var key = new Key32(device);
        try
        {
            while (rows.Step())
            {
                taken.Add(new PendingReading(rows.Int64(0), ReadReading(rows, key)));
            }
        }
        finally
        {
            rows.Reset();
        }
    }

    /// <summary>Once after each opening, by the index of all that is pending.</summary>
    private void Read(GatewayDatabase database)
    {
        _bounds.Clear();
        var rows = database.Statement(
            "select device, sequence from reading indexed by reading_pending where status = 0");
        try
        {
            _isRead = true;
            while (rows.Step())
            {
                Add(new Key32(rows.Blob(0)), rows.Int64(1));
            }
        }
        catch
        {
            Forget();
            throw;
        }
        finally
        {
            rows.Reset();
        }
    }
}

using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>A reading with its row, to be forwarded.</summary>
internal readonly record struct PendingReading(long Id, SignedReading Reading);

/// <summary>The cloud's last word on a reading, with a code when it was refused.</summary>
internal readonly record struct Verdict(PendingReading Pending, string? RefusalCode);

/// <param name="IsTriedAgain">Time may heal the refusal.</param>
internal sealed record QuarantinedReading(
    Key32 Device, long Sequence, DateTimeOffset Timestamp, string Code, bool IsTriedAgain);

/// <summary>
/// Readings between their acknowledgement to the device and their confirmation by the cloud: pending → forwarded (kept
/// as history while there is room) or quarantined with the cloud's code.
/// </summary>
internal sealed class ReadingOutbox
{
    /// <summary>An hour and a half apart at the most: beyond the age that a cloud takes readings of.</summary>
    internal const int MaxRequeues = 250;

    private const int Forwarded = 1;
    private const int Quarantined = 2;

    private readonly GatewayDatabase _database;
    private readonly DiskBound _bound;
    private readonly PendingReadings _pending = new();
    private readonly Dictionary<Key32, long> _lastSettled = [];
    private long _backlog;
    private long _quarantined;
    private long _stored;
    private long _forwarded;
    private long _recoveredThrough;

    internal ReadingOutbox(GatewayDatabase database, GatewayOptions options)
    {
        _database = database;
        _bound = new DiskBound(options.MaxDatabaseBytes);
        database.WhenOpened(Load);
    }

    /// <summary>Set after every commit of new readings.</summary>
    internal Signal Appended { get; } = new();

    internal long Backlog => Interlocked.Read(ref _backlog);

    internal long QuarantinedCount => Interlocked.Read(ref _quarantined);

    /// <summary>Readings stored since the start; a repeated one counts once.</summary>
    internal long StoredCount => Interlocked.Read(ref _stored);

    /// <summary>Readings that the cloud has since the start.</summary>
    internal long ForwardedCount => Interlocked.Read(ref _forwarded);

    /// <summary>
    /// Rows up to this one were recovered of a damaged file: what is missing between them was there and is lost.
    /// </summary>
    internal long RecoveredThrough => Interlocked.Read(ref _recoveredThrough);

    /// <summary>Stores all of them in one commit; the outcomes are in the order of the readings.</summary>
    /// <exception cref="SqliteException">Nothing was stored.</exception>
    internal AppendOutcome[] Append(IReadOnlyList<SignedReading> readings)
    {
        var (outcomes, dropped) = _database.Write(database =>
        {
            var dropped = _bound.MakeRoom(database, readings.Count, out var hasRoom);
            var outcomes = new AppendOutcome[readings.Count];
            for (var i = 0; i < outcomes.Length; i++)
            {
                outcomes[i] = Append(database, readings[i], hasRoom);
            }

            return (outcomes, dropped);
        });
        _ = Interlocked.Add(ref _quarantined, -dropped);
        var stored = outcomes.Count(static outcome => outcome == AppendOutcome.Stored);
        if (stored > 0)
        {
            _ = Interlocked.Add(ref _backlog, stored);
            _ = Interlocked.Add(ref _stored, stored);
            Appended.Set();
        }

        return outcomes;
    }

    /// <summary>
    /// The oldest pending readings of devices that are not held, each device's together and in the order of its
    /// sequence.
    /// </summary>
    /// <param name="max">At most so many.</param>
    /// <param name="wallNow">Decides which holds are over.</param>
    /// <param name="but">Devices to pass over.</param>
    internal List<PendingReading> Take(int max, DateTimeOffset wallNow, IReadOnlyCollection<Key32> but) =>
        _database.Read(database => _pending.Take(database, max, wallNow, but));

    /// <summary>Marks rows as the cloud answered, in one commit.</summary>
    internal void Settle(IReadOnlyList<Verdict> verdicts)
    {
        // By identity and row: the file may have been replaced by a recovered one while the cloud was asked.
        var (forwarded, refused) = _database.Write(database =>
        {
            var counts = (Forwarded: 0, Refused: 0);
            Span<byte> device = stackalloc byte[Key32.Length];
            foreach (var (pending, code) in verdicts)
            {
                pending.Reading.Device.CopyTo(device);
                var changed = database.Statement(
                    """
                    update reading set status = ?1, code = ?2
                    where id = ?3 and device = ?4 and sequence = ?5 and status = 0
                    """)
                    .Bind(1, code is null ? Forwarded : Quarantined)
                    .Bind(2, code)
                    .Bind(3, pending.Id)
                    .Bind(4, device)
                    .Bind(5, pending.Reading.Sequence)
                    .Run();
                counts = code is null
                    ? (counts.Forwarded + changed, counts.Refused)
                    : (counts.Forwarded, counts.Refused + changed);
            }

            return counts;
        });
        foreach (var (pending, _) in verdicts)
        {
            var device = pending.Reading.Device;
            var last = Math.Max(LastSettled(device), pending.Reading.Sequence);
            lock (_lastSettled)
            {
                _lastSettled[device] = last;
            }
        }

        _ = Interlocked.Add(ref _backlog, -(forwarded + refused));
        _ = Interlocked.Add(ref _quarantined, refused);
        _ = Interlocked.Add(ref _forwarded, forwarded);
    }

    /// <summary>
    /// Gives quarantined readings another try, those whose refusal time can heal, each at most
    /// <see cref="MaxRequeues"/> times.
    /// </summary>
    /// <param name="device">Of this device; null for every device whose hold is over.</param>
    /// <param name="wallNow">Decides which holds are over.</param>
    /// <returns>How many.</returns>
    internal int Requeue(Key32? device, DateTimeOffset wallNow)
    {
        const string Those =
            """
            where status = 2 and requeues < $max and code in (select value from json_each($codes))
              and ((device = $device) or ($device is null and device in (
                select device from hold where until <= $now or until > $now + $longest)))
            """;
        (string, object?)[] parameters =
        [
            ("$longest", (long)DeviceHolds.Longest.TotalMilliseconds),
            ("$max", MaxRequeues),
            ("$codes", Refusable.NotNowJson),
            ("$device", device?.ToArray()),
            ("$now", wallNow.ToUnixTimeMilliseconds()),
        ];
        var count = _database.Write(database =>
        {
            using (var lowest = database.Command(
                $"select device, min(sequence) from reading {Those} group by device", parameters).ExecuteReader())
            {
                while (lowest.Read())
                {
                    _pending.Add(new Key32(lowest.GetFieldValue<byte[]>(0)), lowest.GetInt64(1));
                }
            }

            return database.Command(
                $"update reading set status = 0, code = null, requeues = requeues + 1 {Those}", parameters)
                .ExecuteNonQuery();
        });
        _ = Interlocked.Add(ref _backlog, count);
        _ = Interlocked.Add(ref _quarantined, -count);
        if (count > 0)
        {
            Appended.Set();
        }

        return count;
    }

    /// <summary>The oldest reading that is still to be forwarded was made then; null for none.</summary>
    internal DateTimeOffset? OldestPending() =>
        _database.Read(static database => database.Command(
            "select timestamp from reading where status = 0 order by id limit 1").ExecuteScalar() is long seconds
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : (DateTimeOffset?)null);

    /// <summary>
    /// The highest sequence of the device that the cloud has answered; 0 for none.
    /// </summary>
    internal long LastSettled(Key32 device)
    {
        lock (_lastSettled)
        {
            if (_lastSettled.TryGetValue(device, out var known))
            {
                return known;
            }
        }

        var sequence = _database.Read(database => database.Command(
            "select max(sequence) from reading where device = $device and status <> 0",
            ("$device", device.ToArray())).ExecuteScalar() as long? ?? 0);
        lock (_lastSettled)
        {
            _ = _lastSettled.TryAdd(device, sequence);
        }

        return sequence;
    }

    /// <summary>The device's reading with the highest sequence; null for none.</summary>
    internal SignedReading? Newest(Key32 device) =>
        _database.Read(database =>
        {
            var newest = database.Statement(
                """
                select id, sequence, timestamp, production_wh, consumption_wh, soc_permille, flags, interval_s,
                  signature
                from reading where device = ?1 order by sequence desc limit 1
                """).Bind(1, device.ToArray());
            try
            {
                return newest.Step() ? PendingReadings.ReadReading(newest, device) : null;
            }
            finally
            {
                newest.Reset();
            }
        });

    /// <summary>The newest readings that the cloud refused, with its code and whether they are tried again.</summary>
    internal List<QuarantinedReading> Quarantine(int max) =>
        _database.Read(database =>
        {
            using var reader = database.Command(
                """
                select device, sequence, timestamp, code, requeues, code in (select value from json_each($codes))
                from reading where status = 2 order by id desc limit $max
                """,
                ("$codes", Refusable.NotNowJson),
                ("$max", max)).ExecuteReader();
            var found = new List<QuarantinedReading>();
            while (reader.Read())
            {
                found.Add(new QuarantinedReading(
                    new Key32(reader.GetFieldValue<byte[]>(0)),
                    reader.GetInt64(1),
                    DateTimeOffset.FromUnixTimeSeconds(reader.GetInt64(2)),
                    reader.GetString(3),
                    reader.GetInt64(5) != 0 && reader.GetInt64(4) < MaxRequeues));
            }

            return found;
        });

    /// <summary>Bytes that the content takes, free pages not counted.</summary>
    internal long UsedBytes() => _database.Read(DiskBound.UsedBytes);

    private AppendOutcome Append(GatewayDatabase database, SignedReading reading, bool hasRoom)
    {
        Span<byte> device = stackalloc byte[Key32.Length];
        reading.Device.CopyTo(device);
        if (hasRoom && Insert(database, device, reading))
        {
            _pending.Add(reading.Device, reading.Sequence);
            return AppendOutcome.Stored;
        }

        var known = database.Statement("select signature from reading where device = ?1 and sequence = ?2")
            .Bind(1, device)
            .Bind(2, reading.Sequence);
        try
        {
            if (!known.Step())
            {
                return AppendOutcome.Full;
            }

            return known.Blob(0).SequenceEqual(reading.Signature) ? AppendOutcome.Known : AppendOutcome.SequenceReused;
        }
        finally
        {
            known.Reset();
        }
    }

    /// <summary>False when the device's sequence is there already.</summary>
    private static bool Insert(GatewayDatabase database, ReadOnlySpan<byte> device, SignedReading reading) =>
        database.Statement(
            """
            insert into reading
              (device, sequence, timestamp, production_wh, consumption_wh, soc_permille, flags, interval_s, signature)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            on conflict (device, sequence) do nothing
            """)
            .Bind(1, device)
            .Bind(2, reading.Sequence)
            .Bind(3, reading.Timestamp.ToUnixTimeSeconds())
            .Bind(4, reading.ProductionWh)
            .Bind(5, reading.ConsumptionWh)
            .Bind(6, reading.SocPermille)
            .Bind(7, reading.Flags)
            .Bind(8, reading.IntervalSeconds)
            .Bind(9, reading.Signature)
            .Run() == 1;

    private void Load(GatewayDatabase database)
    {
        _bound.LookAgain();
        _pending.Forget();
        lock (_lastSettled)
        {
            _lastSettled.Clear();
        }

        Interlocked.Exchange(ref _backlog, Count(database, "select count(*) from reading where status = 0"));
        Interlocked.Exchange(ref _quarantined, Count(database, "select count(*) from reading where status = 2"));
        Interlocked.Exchange(ref _recoveredThrough, Count(
            database,
            $"""
            select coalesce(max(cast(value as integer)), 0)
            from setting where name = '{DatabaseRecovery.RecoveredThrough}'
            """));
        Appended.Set();
    }

    private static long Count(GatewayDatabase database, string sql) => (long)database.Command(sql).ExecuteScalar()!;
}

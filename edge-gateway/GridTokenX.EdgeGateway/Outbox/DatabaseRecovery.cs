using System.Globalization;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>What became of a damaged file.</summary>
/// <param name="SetAside">Where it lies now.</param>
/// <param name="Readings">Readings that were found in it and are in the new file.</param>
/// <param name="Dropped">Rows that were found and are no readings any more: their signatures are wrong.</param>
/// <param name="Fault">Why nothing, or not all, could be written into the new one; null when all was.</param>
internal sealed record RecoveryReport(string SetAside, int Readings, int Dropped, string? Fault);

/// <summary>
/// Sets a damaged database aside and makes a new one of every row that is still whole in it, as <c>sqlite3 .recover</c>
/// does (Debian's lacks that command). Readings are signed by their devices, so damage cannot slip in: what is still to
/// be forwarded is verified again.
/// <para>
/// It may be killed at any moment: the new file is made beside the damaged one, gets its name once it is whole, and
/// takes the damaged one's place after that. What was interrupted is done again, or finished, by the next opening.
/// </para>
/// </summary>
internal static class DatabaseRecovery
{
    /// <summary>Damaged files that are kept for somebody to look at.</summary>
    internal const int MaxKept = 3;

    /// <summary>The setting that holds the last row of what was recovered: before it readings may be missing.</summary>
    internal const string RecoveredThrough = "recovered_through";

    private const string Infix = ".corrupt-";
    private const string Unfinished = ".recovering";
    private const string Whole = ".recovered";
    private const int Chunk = 5000;
    private const int Forwarded = 1;
    private static readonly string[] Suffixes = ["", "-wal", "-shm"];

    /// <param name="path">The damaged file, which nobody has open.</param>
    /// <param name="wall">For its new name.</param>
    /// <param name="onProgress">Told after every few thousand rows.</param>
    /// <exception cref="IOException">The files cannot be moved.</exception>
    internal static RecoveryReport SetAsideAndRecover(string path, WallTime wall, Action? onProgress = null)
    {
        Delete(path + Unfinished);
        var counts = (Readings: 0, Dropped: 0);
        string? fault = null;
        try
        {
            using var database = new GatewayDatabase(path + Unfinished, wall);
            foreach (var rows in PageScan.Rows(path).Chunk(Chunk))
            {
                var checkedRows = Checked(rows);
                var (readings, dropped) = database.Write(target => Add(target, checkedRows));
                counts = (counts.Readings + readings, counts.Dropped + dropped);
                onProgress?.Invoke();
            }

            counts = counts with { Readings = Count(database) };
            database.Write(static target => _ = target.Command(
                """
                insert or replace into setting (name, value)
                select $name, cast(coalesce(max(id), 0) as text) from reading
                """,
                ("$name", RecoveredThrough)).ExecuteNonQuery());
        }
#pragma warning disable CA1031 // Damage that nobody foresaw must not keep the gateway from starting.
        catch (Exception exception)
        {
            fault = exception.Message;
        }
#pragma warning restore CA1031

        if (File.Exists(path + Unfinished))
        {
            // Its own log is gone: it was closed.
            File.Move(path + Unfinished, path + Whole);
        }

        var aside = PutInPlace(path, wall);
        return new RecoveryReport(aside, counts.Readings, counts.Dropped, fault);
    }

    /// <summary>Finishes what was interrupted between the new file's being whole and its being used.</summary>
    internal static void Finish(string path, WallTime wall)
    {
        if (File.Exists(path + Whole))
        {
            _ = PutInPlace(path, wall);
        }
    }

    private static string PutInPlace(string path, WallTime wall)
    {
        var aside = FreeName(path + Infix + wall.UtcNow.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture));
        foreach (var suffix in Suffixes.Where(suffix => File.Exists(path + suffix)))
        {
            File.Move(path + suffix, aside + suffix);
        }

        if (File.Exists(path + Whole))
        {
            File.Move(path + Whole, path);
        }

        ForgetOldest(path);
        return aside;
    }

    private static string FreeName(string stem)
    {
        var (name, number) = (stem, 1);
        while (Array.Exists(Suffixes, suffix => File.Exists(name + suffix)))
        {
            number++;
            name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}");
        }

        return name;
    }

    private static void Delete(string path)
    {
        foreach (var suffix in Suffixes)
        {
            File.Delete(path + suffix);
        }
    }

    /// <summary>The signatures are most of the work, and one does not wait for another.</summary>
    private static List<(FoundRow Row, SignedReading? Reading)> Checked(FoundRow[] rows)
    {
        var readings = new SignedReading?[rows.Length];
        _ = Parallel.For(0, rows.Length, i =>
        {
            if (DeviceOf(rows[i]) is { } device
                && ReadingOf(rows[i].Values, device) is { } reading
                && IsWhole(reading, (long)rows[i].Values[10]!))
            {
                readings[i] = reading;
            }
        });
        return [.. rows.Select((row, i) => (row, readings[i]))];
    }

    /// <summary>Null for a row that is no reading's.</summary>
    private static byte[]? DeviceOf(FoundRow row) =>
        row.Values is
            [null, byte[] { Length: Key32.Length } device, _, _, _, _, _, _, _, byte[] { Length: 64 }, long, _, ..]
            ? device
            : null;

    private static int Count(GatewayDatabase database) =>
        (int)database.Read(static target =>
            (long)target.Command("select count(*) from reading").ExecuteScalar()!);

    private static void ForgetOldest(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var kept = Directory.GetFiles(folder, Path.GetFileName(path) + Infix + "*")
            .Where(static file => !file.EndsWith("-wal", StringComparison.Ordinal)
                && !file.EndsWith("-shm", StringComparison.Ordinal))
            .OrderDescending(StringComparer.Ordinal);
        foreach (var old in kept.Skip(MaxKept).SelectMany(static file => Suffixes.Select(suffix => file + suffix)))
        {
            File.Delete(old);
        }
    }

    private static (int Readings, int Dropped) Add(
        GatewayDatabase target, List<(FoundRow Row, SignedReading? Reading)> rows)
    {
        var counts = (Readings: 0, Dropped: 0);
        foreach (var (row, reading) in rows)
        {
            if (DeviceOf(row) is null)
            {
                AddSmall(target, row.Values);
            }
            else
            {
                counts = reading is not null && TryAdd(target, row, reading)
                    ? (counts.Readings + 1, counts.Dropped)
                    : (counts.Readings, counts.Dropped + 1);
            }
        }

        return counts;
    }

    /// <summary>Forwarded rows are history: their form is enough.</summary>
    private static bool IsWhole(SignedReading reading, long status) =>
        reading.IsWellFormed && status is >= 0 and <= 2 && (status == Forwarded || reading.HasValidSignature());

    private static SignedReading? ReadingOf(object?[] values, byte[] device)
    {
        if (values is not [_, _, long sequence, long timestamp, long production, long consumption, long soc, long flags,
                long interval, byte[] signature, ..]
            || timestamp is < 0 or > 253_402_300_799
            || soc is < 0 or > ushort.MaxValue
            || flags is < 0 or > ushort.MaxValue
            || interval is < 0 or > uint.MaxValue)
        {
            return null;
        }

        return new SignedReading
        {
            Device = new Key32(device),
            Sequence = sequence,
            Timestamp = DateTimeOffset.FromUnixTimeSeconds(timestamp),
            ProductionWh = production,
            ConsumptionWh = consumption,
            SocPermille = (ushort)soc,
            Flags = (ushort)flags,
            IntervalSeconds = (uint)interval,
            Signature = signature,
        };
    }

    /// <summary>
    /// A row may be found twice, as it was and as it is: forwarded once is forwarded for ever, and what may still have
    /// to go is asked for again.
    /// </summary>
    private static bool TryAdd(GatewayDatabase target, FoundRow row, SignedReading reading)
    {
        const string Sql =
            """
            insert into reading (id, device, sequence, timestamp, production_wh, consumption_wh, soc_permille, flags,
              interval_s, signature, status, code)
            values ($id, $device, $sequence, $timestamp, $production, $consumption, $soc, $flags, $interval, $signature,
              $status, $code)
            on conflict (device, sequence) do update set status = excluded.status, code = excluded.code
              where excluded.status = 1 or (excluded.status = 0 and reading.status = 2)
            """;
        var isTaken = target.Command(
            "select 1 from reading where id = $id and (device <> $device or sequence <> $sequence)",
            ("$id", row.Id),
            ("$device", reading.Device.ToArray()),
            ("$sequence", reading.Sequence)).ExecuteScalar() is not null;
        return target.Command(
            Sql,
            ("$id", isTaken ? null : row.Id),
            ("$device", reading.Device.ToArray()),
            ("$sequence", reading.Sequence),
            ("$timestamp", reading.Timestamp.ToUnixTimeSeconds()),
            ("$production", reading.ProductionWh),
            ("$consumption", reading.ConsumptionWh),
            ("$soc", (int)reading.SocPermille),
            ("$flags", (int)reading.Flags),
            ("$interval", (long)reading.IntervalSeconds),
            ("$signature", reading.Signature),
            ("$status", row.Values[10]),
            ("$code", row.Values[11] as string)).ExecuteNonQuery() >= 0;
    }

    /// <summary>Tables without rowid, known by the form of their rows; a later version of a row wins.</summary>
    private static void AddSmall(GatewayDatabase target, object?[] values)
    {
        switch (values)
        {
            case [byte[] { Length: Key32.Length } device, string meter]:
                _ = target.Command(
                    "insert or replace into device (device, meter_id) values ($device, $meter)",
                    ("$device", device),
                    ("$meter", meter)).ExecuteNonQuery();
                break;
            case [byte[] { Length: Key32.Length } device, long sequence, byte[] payload]:
                _ = target.Command(
                    """
                    insert into state (device, sequence, payload) values ($device, $sequence, $payload)
                    on conflict (device) do update set sequence = excluded.sequence, payload = excluded.payload
                      where excluded.sequence >= state.sequence
                    """,
                    ("$device", device),
                    ("$sequence", sequence),
                    ("$payload", payload)).ExecuteNonQuery();
                break;
            case [byte[] { Length: Key32.Length } device, long counter, long expires, byte[] payload]:
                _ = target.Command(
                    """
                    insert or replace into command (device, counter, expires, payload)
                    values ($device, $counter, $expires, $payload)
                    """,
                    ("$device", device),
                    ("$counter", counter),
                    ("$expires", expires),
                    ("$payload", payload)).ExecuteNonQuery();
                break;
            case [byte[] { Length: Key32.Length } device, string meter, byte[] or null, byte[] { Length: Key32.Length },
                    >= 1L and <= 5L, byte[] or null, byte[] or null, string or null, string or null]:
                _ = target.Command(
                    """
                    insert or replace into pairing
                      (device, meter_id, replaces, owner, step, consent, cloud_key, code, fault)
                    values ($device, $meter, $replaces, $owner, $step, $consent, $cloudKey, $code, $fault)
                    """,
                    ("$device", device),
                    ("$meter", meter),
                    ("$replaces", values[2]),
                    ("$owner", values[3]),
                    ("$step", values[4]),
                    ("$consent", values[5]),
                    ("$cloudKey", values[6]),
                    ("$code", values[7]),
                    ("$fault", values[8])).ExecuteNonQuery();
                break;
            case [string name, string value]:
                _ = target.Command(
                    "insert or replace into setting (name, value) values ($name, $value)",
                    ("$name", name),
                    ("$value", value)).ExecuteNonQuery();
                break;
            default:
                // An index entry, a schema row, or noise.
                break;
        }
    }
}

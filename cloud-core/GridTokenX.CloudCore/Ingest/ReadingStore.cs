using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Units;
using GridTokenX.Protocol.Wire;
using Npgsql;
using NpgsqlTypes;

namespace GridTokenX.CloudCore.Ingest;

/// <summary>The statements of the ingest, each one round trip for all the readings it is about.</summary>
internal static class ReadingStore
{
    private const string MeterQuery =
        """
        select m.meter_id, m.device, m.gateway, u.wallet, u.verified, m.registered_at, m.last_sequence,
               m.last_reading_at,
               m.production_wh - coalesce(m.production_offset_wh, 0),
               m.consumption_wh - coalesce(m.consumption_offset_wh, 0),
               m.revoked_at is not null, m.device_since, m.production_offset_wh is null
        from meters m join users u on u.id = m.owner_id
        where m.device = any($1)
        """;

    private const string LockQuery = $"{MeterQuery} order by m.meter_id for no key update of m";

    // Fenced by its offset: a plan that is kept from when the table was small would else read all of it later.
    private const string StoredQuery =
        """
        select found.*
        from unnest($1, $2) as asked (device, sequence)
        cross join lateral (
            select r.device, r.sequence, r.ended_at, r.production_wh, r.consumption_wh, r.soc_permille, r.flags,
                   r.interval_s, r.signature
            from readings r where r.device = asked.device and r.sequence = asked.sequence offset 0) as found
        """;

    private const string CopyReadings =
        """
        copy readings (device, sequence, ended_at, production_wh, consumption_wh, soc_permille, flags, interval_s,
                       signature, received_at)
        from stdin (format binary)
        """;

    // The registers of a device that took over begin where the meter stands.
    private const string UpdateMeters =
        """
        update meters m
        set last_sequence = n.sequence, last_reading_at = n.ended_at,
            production_wh = n.production_wh
                + coalesce(m.production_offset_wh, m.production_wh - n.first_production_wh),
            consumption_wh = n.consumption_wh
                + coalesce(m.consumption_offset_wh, m.consumption_wh - n.first_consumption_wh),
            production_offset_wh = coalesce(m.production_offset_wh, m.production_wh - n.first_production_wh),
            consumption_offset_wh = coalesce(m.consumption_offset_wh, m.consumption_wh - n.first_consumption_wh),
            soc_permille = n.soc_permille, readings = m.readings + n.readings
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
            as n (device, sequence, ended_at, production_wh, consumption_wh, soc_permille, readings,
                first_production_wh, first_consumption_wh)
        where m.device = n.device
        """;

    // In the order of the codes, so that two batches never wait for one another in a circle.
    private const string CountRejections =
        """
        insert into reading_rejections as r (code, count)
        select n.code, n.count from unnest($1, $2) as n (code, count) order by n.code
        on conflict (code) do update set count = r.count + excluded.count
        """;

    /// <summary>The meters of these readings; nothing is locked.</summary>
    internal static async Task<Dictionary<Key32, MeterState>> MetersAsync(
        NpgsqlDataSource source, List<SignedReading> readings, CancellationToken cancellationToken)
    {
        await using var batch = source.CreateBatch();
        return await ReadMetersAsync(batch, MeterQuery, readings, cancellationToken);
    }

    /// <summary>The meters of these readings, locked in the order of their ids until the transaction ends.</summary>
    internal static async Task<Dictionary<Key32, MeterState>> LockMetersAsync(
        UnitOfWork unit, List<SignedReading> readings, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(unit.Connection, unit.Transaction);
        return await ReadMetersAsync(batch, LockQuery, readings, cancellationToken);
    }

    /// <summary>Which of these readings are stored.</summary>
    internal static async Task<StoredReadings> StoredAsync(
        NpgsqlDataSource source, List<SignedReading> readings, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(StoredQuery);
        return await ReadStoredAsync(command, readings, cancellationToken);
    }

    /// <summary>Which of these readings are stored, seen from inside the transaction.</summary>
    internal static async Task<StoredReadings> StoredAsync(
        UnitOfWork unit, List<SignedReading> readings, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(StoredQuery, unit.Connection, unit.Transaction);
        return await ReadStoredAsync(command, readings, cancellationToken);
    }

    /// <summary>
    /// Stores the accepted readings, moves their meters on, and counts the refused ones. With the meters locked no
    /// accepted reading can be stored already; one that were would fail the transaction.
    /// </summary>
    internal static async Task WriteAsync(
        UnitOfWork unit, ReadingChanges changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(unit.Connection, unit.Transaction);
        if (changes.Accepted.Count > 0)
        {
            await CopyAsync(unit.Connection, changes.Accepted, now.UtcDateTime, cancellationToken);
            batch.BatchCommands.Add(UpdateCommand(changes.Devices));
        }

        if (changes.Refusals.Count > 0)
        {
            batch.BatchCommands.Add(CountCommand(changes.Refusals));
        }

        if (batch.BatchCommands.Count > 0)
        {
            _ = await batch.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Stores readings without moving their meters.</summary>
    internal static Task InsertAsync(
        UnitOfWork unit, List<SignedReading> readings, DateTimeOffset now, CancellationToken cancellationToken) =>
        CopyAsync(unit.Connection, readings, now.UtcDateTime, cancellationToken);

    private static async Task CopyAsync(
        NpgsqlConnection connection, List<SignedReading> readings, DateTime now, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(CopyReadings, cancellationToken);
        var key = new byte[Key32.Length];
        foreach (var reading in readings)
        {
            reading.Device.CopyTo(key);
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(key, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(reading.Sequence, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(reading.Timestamp.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(reading.ProductionWh, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(reading.ConsumptionWh, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync((int)reading.SocPermille, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync((int)reading.Flags, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync((long)reading.IntervalSeconds, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(reading.Signature, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
        }

        _ = await copy.CompleteAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand UpdateCommand(IReadOnlyCollection<DeviceChange> devices) =>
        new(UpdateMeters)
        {
            Parameters =
            {
                Column(devices.Select(static d => d.Last.Device.ToArray()), NpgsqlDbType.Bytea),
                Column(devices.Select(static d => d.Last.Sequence), NpgsqlDbType.Bigint),
                Column(devices.Select(static d => d.Last.Timestamp.UtcDateTime), NpgsqlDbType.TimestampTz),
                Column(devices.Select(static d => d.Last.ProductionWh), NpgsqlDbType.Bigint),
                Column(devices.Select(static d => d.Last.ConsumptionWh), NpgsqlDbType.Bigint),
                Column(devices.Select(static d => StateOfCharge(d.Last)), NpgsqlDbType.Integer),
                Column(devices.Select(static d => d.Count), NpgsqlDbType.Bigint),
                Column(devices.Select(static d => d.First.ProductionWh), NpgsqlDbType.Bigint),
                Column(devices.Select(static d => d.First.ConsumptionWh), NpgsqlDbType.Bigint),
            },
        };

    private static int? StateOfCharge(SignedReading reading) =>
        reading.SocPermille == ReadingBytes.NoBattery ? null : reading.SocPermille;

    private static NpgsqlBatchCommand CountCommand(IReadOnlyDictionary<string, long> refusals) =>
        new(CountRejections)
        {
            Parameters =
            {
                Column(refusals.Keys, NpgsqlDbType.Text),
                Column(refusals.Values, NpgsqlDbType.Bigint),
            },
        };

    private static NpgsqlParameter<byte[][]> DevicesOf(List<SignedReading> readings)
    {
        var devices = new HashSet<Key32>();
        readings.ForEach(reading => devices.Add(reading.Device));
        return Column(devices.Select(static device => device.ToArray()), NpgsqlDbType.Bytea);
    }

    private static NpgsqlParameter<T[]> Column<T>(IEnumerable<T> values, NpgsqlDbType elementType) =>
#pragma warning disable S3265 // so Npgsql names arrays
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | elementType };
#pragma warning restore S3265

    /// <summary>What the transaction looks up afterwards is planned once a connection, too.</summary>
    private static async Task<Dictionary<Key32, MeterState>> ReadMetersAsync(
        NpgsqlBatch batch, string query, List<SignedReading> readings, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(query) { Parameters = { DevicesOf(readings) } };
        var meters = new Dictionary<Key32, MeterState>();
        await using var reader = await batch.ReadPlannedAsync(LookupPlans.Settings, command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var meter = MeterOf(reader);
            meters.Add(meter.Device, meter);
        }

        return meters;
    }

    private static MeterState MeterOf(NpgsqlDataReader row) => new(
        row.GetString(0),
        new Key32(row.GetFieldValue<byte[]>(1)),
        new Key32(row.GetFieldValue<byte[]>(2)),
        new Key32(row.GetFieldValue<byte[]>(3)),
        row.GetBoolean(4),
        row.GetFieldValue<DateTimeOffset>(5),
        row.GetInt64(6),
        row.GetFieldValue<DateTimeOffset?>(7),
        new WattHours(row.GetInt64(8)),
        new WattHours(row.GetInt64(9)))
    {
        IsRevoked = row.GetBoolean(10),
        DeviceSince = row.GetFieldValue<DateTimeOffset?>(11),
        AwaitsBase = row.GetBoolean(12),
    };

    private static async Task<StoredReadings> ReadStoredAsync(
        NpgsqlCommand command, List<SignedReading> readings, CancellationToken cancellationToken)
    {
        command.Parameters.Add(Column(readings.Select(static r => r.Device.ToArray()), NpgsqlDbType.Bytea));
        command.Parameters.Add(Column(readings.Select(static r => r.Sequence), NpgsqlDbType.Bigint));
        var stored = new StoredReadings();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            stored.Add(ReadingOf(reader));
        }

        return stored;
    }

    private static SignedReading ReadingOf(NpgsqlDataReader row) => new()
    {
        Device = new Key32(row.GetFieldValue<byte[]>(0)),
        Sequence = row.GetInt64(1),
        Timestamp = row.GetFieldValue<DateTimeOffset>(2),
        ProductionWh = row.GetInt64(3),
        ConsumptionWh = row.GetInt64(4),
        SocPermille = (ushort)row.GetInt32(5),
        Flags = (ushort)row.GetInt32(6),
        IntervalSeconds = (uint)row.GetInt64(7),
        Signature = row.GetFieldValue<byte[]>(8),
    };
}

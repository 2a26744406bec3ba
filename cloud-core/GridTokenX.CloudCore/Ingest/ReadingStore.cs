using System.Data;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Units;
using GridTokenX.Protocol.Wire;
using Npgsql;
using NpgsqlTypes;

namespace GridTokenX.CloudCore.Ingest;

/// <summary>What the database knows of the devices and readings of a batch.</summary>
internal sealed record KnownReadings(
    IReadOnlyDictionary<Key32,
    MeterState> Meters,
    IReadOnlyDictionary<(Key32 Device, long Sequence),
    SignedReading> Stored)
{
    /// <summary>The very same reading, byte for byte, is stored.</summary>
    internal bool Holds(SignedReading reading) =>
        Stored.TryGetValue((reading.Device, reading.Sequence), out var stored) && stored.IsSameAs(reading);
}

internal static class ReadingIdentity
{
    internal static bool IsSameAs(this SignedReading reading, SignedReading other) =>
        reading.Signature.AsSpan().SequenceEqual(other.Signature)
            && reading with { Signature = other.Signature } == other;
}

/// <summary>The statements of the ingest, each one round trip for a whole batch.</summary>
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

    private const string StoredQuery =
        """
        select r.device, r.sequence, r.ended_at, r.production_wh, r.consumption_wh, r.soc_permille, r.flags,
               r.interval_s,
               r.signature
        from unnest($1, $2) as asked (device, sequence)
        join readings r on r.device = asked.device and r.sequence = asked.sequence
        """;

    private const string InsertReadings =
        """
        insert into readings (device, sequence, ended_at, production_wh, consumption_wh, soc_permille, flags,
            interval_s,
                              signature, received_at)
        select *, $10 from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict do nothing
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

    /// <summary>The meters of these readings, and which of the readings are stored; nothing is locked.</summary>
    internal static async Task<KnownReadings> LookUpAsync(
        NpgsqlDataSource source, IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken)
    {
        await using var batch = source.CreateBatch();
        var meters = new NpgsqlBatchCommand(MeterQuery);
        meters.Add(DevicesOf(readings), NpgsqlDbType.Bytea);
        batch.BatchCommands.Add(meters);
        batch.BatchCommands.Add(StoredCommand(readings));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var known = await ReadMetersAsync(reader, cancellationToken);
        _ = await reader.NextResultAsync(cancellationToken);
        return new KnownReadings(known, await ReadStoredAsync(reader, cancellationToken));
    }

    /// <summary>The meters of these readings, locked in the order of their ids until the transaction ends.</summary>
    internal static async Task<Dictionary<Key32, MeterState>> LockMetersAsync(
        UnitOfWork unit, IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(unit.Connection, unit.Transaction);
        var command = new NpgsqlBatchCommand($"{MeterQuery} order by m.meter_id for no key update of m");
        command.Add(DevicesOf(readings), NpgsqlDbType.Bytea);
        batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadMetersAsync(reader, cancellationToken);
    }

    /// <summary>Which of these readings are stored, seen from inside the transaction.</summary>
    internal static async Task<Dictionary<(Key32 Device, long Sequence), SignedReading>> StoredAsync(
        UnitOfWork unit, IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(unit.Connection, unit.Transaction);
        batch.BatchCommands.Add(StoredCommand(readings));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadStoredAsync(reader, cancellationToken);
    }

    /// <summary>Stores the accepted readings, moves their meters on, and counts the refused ones.</summary>
    /// <exception cref="InvalidOperationException">A reading that was accepted is stored already: the meter was not
    /// locked.</exception>
    internal static async Task WriteAsync(
        UnitOfWork unit,
        IReadOnlyList<SignedReading> accepted,
        IReadOnlyDictionary<string, int> rejections,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(unit.Connection, unit.Transaction);
        if (accepted.Count > 0)
        {
            batch.BatchCommands.Add(InsertCommand(accepted, now));
            batch.BatchCommands.Add(UpdateCommand(accepted));
        }

        if (rejections.Count > 0)
        {
            batch.BatchCommands.Add(CountCommand(rejections));
        }

        if (batch.BatchCommands.Count == 0)
        {
            return;
        }

        _ = await batch.ExecuteNonQueryAsync(cancellationToken);
        if (accepted.Count > 0 && batch.BatchCommands[0].RecordsAffected != accepted.Count)
        {
            throw new InvalidOperationException("An accepted reading was stored already.");
        }
    }

    /// <summary>Stores readings without moving their meters.</summary>
    internal static async Task InsertAsync(
        UnitOfWork unit, IReadOnlyList<SignedReading> readings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(unit.Connection, unit.Transaction);
        batch.BatchCommands.Add(InsertCommand(readings, now));
        _ = await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static byte[][] DevicesOf(IReadOnlyList<SignedReading> readings) =>
        [.. readings.Select(static r => r.Device).Distinct().Select(static d => d.ToArray())];

    private static NpgsqlBatchCommand StoredCommand(IReadOnlyList<SignedReading> readings)
    {
        var command = new NpgsqlBatchCommand(StoredQuery);
        command.Add(readings.Select(static r => r.Device.ToArray()), NpgsqlDbType.Bytea);
        command.Add(readings.Select(static r => r.Sequence), NpgsqlDbType.Bigint);
        return command;
    }

    private static NpgsqlBatchCommand InsertCommand(IReadOnlyList<SignedReading> readings, DateTimeOffset now)
    {
        var command = new NpgsqlBatchCommand(InsertReadings);
        command.Add(readings.Select(static r => r.Device.ToArray()), NpgsqlDbType.Bytea);
        command.Add(readings.Select(static r => r.Sequence), NpgsqlDbType.Bigint);
        command.Add(readings.Select(static r => r.Timestamp.UtcDateTime), NpgsqlDbType.TimestampTz);
        command.Add(readings.Select(static r => r.ProductionWh), NpgsqlDbType.Bigint);
        command.Add(readings.Select(static r => r.ConsumptionWh), NpgsqlDbType.Bigint);
        command.Add(readings.Select(static r => (int)r.SocPermille), NpgsqlDbType.Integer);
        command.Add(readings.Select(static r => (int)r.Flags), NpgsqlDbType.Integer);
        command.Add(readings.Select(static r => (long)r.IntervalSeconds), NpgsqlDbType.Bigint);
        command.Add(readings.Select(static r => r.Signature), NpgsqlDbType.Bytea);
        command.Parameters.Add(
            new NpgsqlParameter { Value = now.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        return command;
    }

    private static NpgsqlBatchCommand UpdateCommand(IReadOnlyList<SignedReading> readings)
    {
        var devices = readings.GroupBy(static r => r.Device)
            .Select(static group => (
                Last: group.MaxBy(static r => r.Sequence)!,
                First: group.MinBy(static r => r.Sequence)!,
                Count: group.LongCount()))
            .ToList();
        var command = new NpgsqlBatchCommand(UpdateMeters);
        command.Add(devices.Select(static d => d.Last.Device.ToArray()), NpgsqlDbType.Bytea);
        command.Add(devices.Select(static d => d.Last.Sequence), NpgsqlDbType.Bigint);
        command.Add(devices.Select(static d => d.Last.Timestamp.UtcDateTime), NpgsqlDbType.TimestampTz);
        command.Add(devices.Select(static d => d.Last.ProductionWh), NpgsqlDbType.Bigint);
        command.Add(devices.Select(static d => d.Last.ConsumptionWh), NpgsqlDbType.Bigint);
        command.Add(devices.Select(static d => StateOfCharge(d.Last)), NpgsqlDbType.Integer);
        command.Add(devices.Select(static d => d.Count), NpgsqlDbType.Bigint);
        command.Add(devices.Select(static d => d.First.ProductionWh), NpgsqlDbType.Bigint);
        command.Add(devices.Select(static d => d.First.ConsumptionWh), NpgsqlDbType.Bigint);
        return command;
    }

    private static int? StateOfCharge(SignedReading reading) =>
        reading.SocPermille == ReadingBytes.NoBattery ? null : reading.SocPermille;

    private static NpgsqlBatchCommand CountCommand(IReadOnlyDictionary<string, int> rejections)
    {
        var command = new NpgsqlBatchCommand(CountRejections);
        command.Add(rejections.Keys, NpgsqlDbType.Text);
        command.Add(rejections.Values.Select(static count => (long)count), NpgsqlDbType.Bigint);
        return command;
    }

    private static void Add<T>(this NpgsqlBatchCommand command, IEnumerable<T> values, NpgsqlDbType elementType) =>
#pragma warning disable S3265 // so Npgsql names arrays
        command.Parameters.Add(
            new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | elementType });
#pragma warning restore S3265

    private static async Task<Dictionary<Key32, MeterState>> ReadMetersAsync(
        NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var meters = new Dictionary<Key32, MeterState>();
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

    private static async Task<Dictionary<(Key32 Device, long Sequence), SignedReading>> ReadStoredAsync(
        NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<(Key32 Device, long Sequence), SignedReading>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var reading = ReadingOf(reader);
            stored[(reading.Device, reading.Sequence)] = reading;
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

using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Ingest;

/// <summary>
/// Readings that a gateway still held when their device moved to another gateway, or left its meter to another device.
/// The device's signature speaks for them, and its old gateway may bring what was made before: what was acknowledged is
/// not lost. Rare, so one transaction each.
/// </summary>
internal sealed class LateReadings(NpgsqlDataSource source, TimeProvider time, IngestOptions limits)
{
    private static readonly Verdict Unknown = Verdict.Rejected(ProblemCodes.UnknownDevice);

    /// <summary>
    /// Decides about readings of devices that the gateway does not speak for, or did not for a while: then younger ones
    /// may have come through another.
    /// </summary>
    /// <param name="batch">The open ones are of this gateway's devices, and not stored.</param>
    /// <param name="meters">Of the devices that have one.</param>
    internal async Task TakeAsync(
        SubmittedBatch batch, Dictionary<Key32, MeterState> meters, Key32 gateway, CancellationToken cancellationToken)
    {
        var overtaken = batch.Open.FindAll(index =>
            batch.Reading(index).Sequence < meters[batch.Reading(index).Device].LastSequence).ToHashSet();
        var open = Enumerable.Range(0, batch.Verdicts.Length)
            .Where(index => batch.Verdicts[index] == Unknown || overtaken.Contains(index)).ToList();
        if (open.Count == 0)
        {
            return;
        }

        var found = await LimitsAsync(batch.Readings(open), gateway, cancellationToken);
        var decided = new Dictionary<int, Verdict>();
        foreach (var index in open.OrderBy(index => batch.Reading(index).Sequence).ThenBy(static i => i))
        {
            var reading = batch.Reading(index);
            if (found.TryGetValue(reading.Device, out var limit)
                && (!overtaken.Contains(index) || reading.Timestamp <= limit.Until))
            {
                decided[index] = await TakeAsync(reading, limit, cancellationToken);
            }
        }

        batch.Settle(decided);
    }

    /// <summary>Until when this gateway spoke for which of the devices.</summary>
    private async Task<Dictionary<Key32, Limit>> LimitsAsync(
        List<SignedReading> readings, Key32 gateway, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            select g.device, g.until, f.device is not null
            from former_gateways g left join former_devices f using (device)
            where g.gateway = $1 and g.device = any($2)
            """);
        command.Parameters.Add(new() { Value = gateway.ToArray() });
        command.Parameters.Add(new()
        {
            Value = readings.Select(static reading => reading.Device).Distinct()
                .Select(static device => device.ToArray()).ToArray(),
        });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<Key32, Limit>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(DeviceOf(reader), LimitOf(reader));
        }

        return found;
    }

    private static Key32 DeviceOf(NpgsqlDataReader row) => new(row.GetFieldValue<byte[]>(0));

    private static Limit LimitOf(NpgsqlDataReader row) =>
        new(row.GetFieldValue<DateTimeOffset>(1), row.GetBoolean(2));

    private Task<Verdict> TakeAsync(SignedReading reading, Limit limit, CancellationToken cancellationToken)
    {
        if (!reading.HasValidSignature())
        {
            return Task.FromResult(Verdict.Rejected(ProblemCodes.BadSignature));
        }

        if (reading.Timestamp > limit.Until)
        {
            return Task.FromResult(
                Verdict.Rejected(limit.IsReplaced ? ProblemCodes.DeviceReplaced : ProblemCodes.DeviceMoved));
        }

        return source.TransactAsync(
            async unit =>
            {
                var state = limit.IsReplaced
                    ? await FormerAsync(unit, reading.Device, cancellationToken)
                    : (await ReadingStore.LockMetersAsync(unit, [reading], cancellationToken))
                        .GetValueOrDefault(reading.Device);
                return state is null ? Unknown : await JudgeAsync(unit, reading, state, limit, cancellationToken);
            },
            cancellationToken);
    }

    private async Task<Verdict> JudgeAsync(
        UnitOfWork unit, SignedReading reading, MeterState state, Limit limit, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var stored = await ReadingStore.StoredAsync(unit, [reading], cancellationToken);
        if (stored.HasNumberOf(reading))
        {
            return stored.Holds(reading) ? Verdict.Duplicate : Verdict.Rejected(ProblemCodes.SequenceReused);
        }

        if (reading.Sequence < state.LastSequence)
        {
            return await KeepAsync(unit, reading, state, now, cancellationToken);
        }

        if (ReadingRules.Refusal(state, reading, now, limits) is { } refusal)
        {
            return Verdict.Rejected(refusal);
        }

        if (limit.IsReplaced)
        {
            await CountAsync(unit, reading, state, now, cancellationToken);
        }
        else
        {
            var change = new ReadingChanges();
            change.Add(reading);
            await ReadingStore.WriteAsync(unit, change, now, cancellationToken);
        }

        return Verdict.Accepted;
    }

    /// <summary>
    /// A younger reading was faster, through the new gateway. Its registers hold this one's energy already, so this one
    /// belongs to the history alone; unless it turns out to be the first of a device that took over.
    /// </summary>
    private async Task<Verdict> KeepAsync(
        UnitOfWork unit, SignedReading reading, MeterState state, DateTimeOffset now,
            CancellationToken cancellationToken)
    {
        var refusal = ReadingRules.OwnerRefusal(state) ?? ReadingRules.TimeRefusal(reading, now, limits);
        if (refusal is not null || reading.Timestamp < state.DeviceSince)
        {
            return Verdict.Rejected(refusal ?? ProblemCodes.TooOld);
        }

        var beside = (await unit.Transaction.FirstOrDefaultAsync<Neighbours>(
            """
            select b.production_wh as production_before, b.consumption_wh as consumption_before,
                   a.production_wh as production_after, a.consumption_wh as consumption_after, a.ended_at as after
            from (select production_wh, consumption_wh, ended_at from readings
                  where device = @Device and sequence > @Sequence order by sequence limit 1) a
            left join (select production_wh, consumption_wh from readings
                       where device = @Device and sequence < @Sequence order by sequence desc limit 1) b on true
            """,
            new { reading.Device, reading.Sequence },
            cancellationToken))!;
        if (!beside.Admits(reading))
        {
            return Verdict.Rejected(ProblemCodes.RegisterRegression);
        }

        var isBase = state.DeviceSince is not null && beside.ProductionBefore is null;
        var production = isBase ? beside.ProductionAfter - reading.ProductionWh : 0;
        var consumption = isBase ? beside.ConsumptionAfter - reading.ConsumptionWh : 0;
        if (!ReadingRules.MayGrow(reading, beside.After, production, consumption, limits))
        {
            return Verdict.Rejected(ProblemCodes.EnergyOutOfRange);
        }

        await ReadingStore.InsertAsync(unit, [reading], now, cancellationToken);
        _ = await GrowAsync(unit, state.MeterId, production, consumption, reading.Timestamp, cancellationToken);
        return Verdict.Accepted;
    }

    /// <summary>The meter grows by what its former device had counted; its present device's registers do not.</summary>
    private static async Task CountAsync(
        UnitOfWork unit, SignedReading reading, MeterState state, DateTimeOffset now,
            CancellationToken cancellationToken)
    {
        await ReadingStore.InsertAsync(unit, [reading], now, cancellationToken);
        _ = await unit.Transaction.ExecuteAsync(
            """
            update former_devices
            set last_sequence = @Sequence, last_reading_at = @Timestamp, production_wh = @ProductionWh,
                consumption_wh = @ConsumptionWh
            where device = @Device
            """,
            new { reading.Sequence, reading.Timestamp, reading.ProductionWh, reading.ConsumptionWh, reading.Device },
            cancellationToken);
        _ = await GrowAsync(
            unit,
            state.MeterId,
            state.AwaitsBase ? 0 : reading.ProductionWh - state.Production.Value,
            state.AwaitsBase ? 0 : reading.ConsumptionWh - state.Consumption.Value,
            reading.Timestamp,
            cancellationToken);
    }

    private static Task<int> GrowAsync(
        UnitOfWork unit,
        string meterId,
        long production,
        long consumption,
        DateTimeOffset at,
        CancellationToken cancellationToken) =>
        unit.Transaction.ExecuteAsync(
            """
            update meters
            set production_wh = production_wh + @production, consumption_wh = consumption_wh + @consumption,
                production_offset_wh = production_offset_wh + @production,
                consumption_offset_wh = consumption_offset_wh + @consumption,
                last_reading_at = greatest(last_reading_at, @at), readings = readings + 1
            where meter_id = @meterId
            """,
            new { production, consumption, at, meterId },
            cancellationToken);

    private static async Task<MeterState?> FormerAsync(
        UnitOfWork unit, Key32 device, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select m.meter_id, m.gateway, u.wallet, u.verified, m.registered_at, f.last_sequence, f.last_reading_at,
                   coalesce(f.production_wh, 0), coalesce(f.consumption_wh, 0), f.production_wh is null,
                   m.revoked_at is not null, f.since
            from former_devices f join meters m using (meter_id) join users u on u.id = m.owner_id
            where f.device = $1
            for no key update of m, f
            """,
            unit.Connection,
            unit.Transaction);
        command.Parameters.Add(new() { Value = device.ToArray() });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? StateOf(row, device) : null;
    }

    private static MeterState StateOf(NpgsqlDataReader row, Key32 device) => new(
        row.GetString(0),
        device,
        new Key32(row.GetFieldValue<byte[]>(1)),
        new Key32(row.GetFieldValue<byte[]>(2)),
        row.GetBoolean(3),
        row.GetFieldValue<DateTimeOffset>(4),
        row.GetInt64(5),
        row.GetFieldValue<DateTimeOffset?>(6),
        new WattHours(row.GetInt64(7)),
        new WattHours(row.GetInt64(8)))
    {
        AwaitsBase = row.GetBoolean(9),
        IsRevoked = row.GetBoolean(10),
        DeviceSince = row.GetFieldValue<DateTimeOffset?>(11),
    };

    /// <summary>The registers of the device's stored readings before and after one.</summary>
    private sealed record Neighbours(
        long? ProductionBefore,
        long? ConsumptionBefore,
        long ProductionAfter,
        long ConsumptionAfter,
        DateTimeOffset After)
    {
        internal bool Admits(SignedReading reading) =>
            reading.ProductionWh <= ProductionAfter
            && reading.ConsumptionWh <= ConsumptionAfter
            && !(reading.ProductionWh < ProductionBefore)
            && !(reading.ConsumptionWh < ConsumptionBefore);
    }

    private readonly record struct Limit(DateTimeOffset Until, bool IsReplaced);
}

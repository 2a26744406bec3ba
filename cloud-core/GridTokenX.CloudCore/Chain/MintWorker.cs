using System.Globalization;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Settles each meter's net generation since installation (production − consumption): what is above the settled amount
/// is minted, once. The meter's settled amount, the mint and its outbox row are written together. A meter has one mint
/// under way at a time, since the chain settles all that is unsettled whoever asks it to. What a device that was
/// replaced tells late waits for the next reading: the chain takes the registers of one time once. A meter that was
/// revoked has no next reading: its registers are told once more, as early as the chain takes them.
/// </summary>
internal sealed class MintWorker(
    NpgsqlDataSource source, IChainOutbox outbox, SolanaOptions options, TimeProvider time, ILogger<MintWorker> logger)
    : IMarketWorker
{
    private const int MaxMeters = 50;

    public string Name => "mint";

    public int Order => 40;

    public TimeSpan Interval => TimeSpan.FromMinutes(1);

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var mints = await source.TransactAsync(
            async unit =>
            {
                var due = await LockDueAsync(unit, cancellationToken);
                if (due.Count > 0)
                {
                    await WriteAsync(unit, due, cancellationToken);
                    await outbox.EnqueueAsync(
                        unit.Transaction, [.. due.Select(static mint => mint.ToIntent())], cancellationToken);
                }

                return due;
            },
            cancellationToken);
        if (mints.Count > 0)
        {
            outbox.Wake();
            Log.Minting(logger, mints.Sum(static mint => mint.Energy.Value), mints.Count);
        }

        return mints.Count;
    }

    private async Task<IReadOnlyList<DueMint>> LockDueAsync(UnitOfWork unit, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(
            """
            select m.meter_id, m.owner_id, u.wallet, m.settled_net_wh, m.production_wh, m.consumption_wh,
                case when m.last_reading_at > told.at then m.last_reading_at else told.at + $2 end
            from meters m
            join users u on u.id = m.owner_id
            cross join lateral (
                select coalesce(
                    (select p.reading_at from mints p where p.meter_id = m.meter_id
                     order by p.from_net_wh desc limit 1),
                    '-infinity') as at) told
            where m.unsettled and u.verified
                and m.registered_on_chain_at is not null
                and not exists (select from mints where mints.meter_id = m.meter_id and mints.status = 'pending')
                and (m.last_reading_at > told.at or (m.revoked_at is not null and told.at + $2 <= $3))
            order by m.meter_id
            limit $1
            for update of m
            """);
        command.Parameters.Add(new() { Value = MaxMeters });
        command.Parameters.Add(new() { Value = options.Setup.MinReadingInterval });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        await using var batch = new NpgsqlBatch(unit.Connection, unit.Transaction);
        await using var reader = await batch.ReadPlannedAsync(
            $"{LookupPlans.Settings}, {LookupPlans.QueueSettings}", command, cancellationToken);
        var due = new List<DueMint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(Read(reader));
        }

        return due;
    }

    private static DueMint Read(NpgsqlDataReader reader) => new(
        reader.GetString(0),
        reader.GetGuid(1),
        new Key32(reader.GetFieldValue<byte[]>(2)),
        reader.GetInt64(3),
        new WattHours(reader.GetInt64(4)),
        new WattHours(reader.GetInt64(5)),
        reader.GetFieldValue<DateTimeOffset>(6));

    private async Task WriteAsync(UnitOfWork unit, IReadOnlyList<DueMint> due, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            with due as (
                select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[], $7::bigint[],
                    $8::timestamptz[])
                    as d (id, meter_id, owner_id, from_net, production, consumption, reading_at)),
            settled as (
                update meters m set settled_net_wh = due.production - due.consumption
                from due where m.meter_id = due.meter_id)
            insert into mints (id, meter_id, owner_id, from_net_wh, to_net_wh, production_wh, consumption_wh,
                reading_at, status, created_at)
            select id, meter_id, owner_id, from_net, production - consumption, production, consumption, reading_at,
                'pending', $6
            from due
            """,
            unit.Connection,
            unit.Transaction);
        command.Parameters.Add(new() { Value = due.Select(static mint => mint.Id).ToArray() });
        command.Parameters.Add(new() { Value = due.Select(static mint => mint.MeterId).ToArray() });
        command.Parameters.Add(new() { Value = due.Select(static mint => mint.Owner).ToArray() });
        command.Parameters.Add(new() { Value = due.Select(static mint => mint.FromNetWh).ToArray() });
        command.Parameters.Add(new() { Value = due.Select(static mint => mint.Production.Value).ToArray() });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        command.Parameters.Add(new() { Value = due.Select(static mint => mint.Consumption.Value).ToArray() });
        command.Parameters.Add(new() { Value = due.Select(static mint => mint.ReadingAt).ToArray() });
        _ = await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record DueMint(
        string MeterId,
        Guid Owner,
        Key32 Wallet,
        long FromNetWh,
        WattHours Production,
        WattHours Consumption,
        DateTimeOffset ReadingAt)
    {
        public Guid Id { get; } =
            IntentKinds.IdOf("mint", MeterId, FromNetWh.ToString(CultureInfo.InvariantCulture));

        public WattHours Energy => Production - Consumption - new WattHours(FromNetWh);

        public MintEnergy ToIntent() =>
            new(Id, MeterId, Wallet, Production, Consumption, ReadingAt, Production - Consumption);
    }
}

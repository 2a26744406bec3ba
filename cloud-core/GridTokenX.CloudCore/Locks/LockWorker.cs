using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Locks;

/// <summary>Decides which commands are to be sent; the publisher sends them until they are answered.</summary>
internal sealed class LockWorker(
    NpgsqlDataSource database, TimeProvider marketTime, CommandPublisher publisher) : IMarketWorker
{
    private const int BatchSize = 500;

    public string Name => "lock";

    public int Order => 50;

    public TimeSpan Interval => TimeSpan.FromSeconds(1);

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = marketTime.GetUtcNow();
        var done = await ExpireAsync(now, cancellationToken);
        var devices = await database.QueryAsync<Key32>(
            """
            select distinct l.device from device_locks l
            where l.expires_at > @now and (l.not_before is null or l.not_before <= @now)
              and ((l.status = 'acknowledged' and greatest(0, l.energy_wh - l.delivered_wh) <> l.commanded_wh)
                or (l.status = 'queued' and not exists (
                    select from device_locks o
                    where o.device = l.device and o.status in ('sent', 'acknowledged') and o.expires_at > @now)))
            limit @BatchSize
            """,
            new { now, BatchSize },
            cancellationToken);
        var sent = devices.Count == 0
            ? 0
            : await database.TransactAsync(
                unit => SendNextAsync(unit.Transaction, devices, now, cancellationToken), cancellationToken);
        if (sent > 0)
        {
            publisher.Wake();
        }

        return done + sent;
    }

    /// <summary>A lock that the device holds is ended by the device; only what it never took ends here.</summary>
    private Task<int> ExpireAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.TransactAsync(
            unit => unit.Transaction.ExecuteAsync(
                """
                update device_locks
                set status = case when acknowledged_wh > 0 then 'acknowledged' else 'expired' end
                where status in ('queued', 'sent') and expires_at <= @now
                """,
                new { now },
                cancellationToken),
            cancellationToken);

    /// <summary>How many of the devices are sent a command.</summary>
    private static async Task<int> SendNextAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<Key32> devices,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var locks = await LockRow.LockOpenAsync(transaction, devices, cancellationToken);
        var next = locks
            .GroupBy(static row => row.Device)
            .Select(device => LockPlan.Next(device, now))
            .OfType<LockRow>()
            .ToList();
        return next.Count == 0 ? 0 : await transaction.ExecuteAsync(
            """
            with wanted as (
                select * from unnest(@devices, @orders, @wanted) as w (device, order_id, energy_wh)),
            counting as (
                select m.meter_id from meters m join wanted w using (device)
                order by m.meter_id for no key update of m),
            command as (
                update meters m set command_counter = command_counter + 1
                from counting c where m.meter_id = c.meter_id
                returning m.device, m.command_counter)
            update device_locks l
            set status = 'sent', counter = command.command_counter, commanded_wh = w.energy_wh,
                commanded_until = expires_at, sent_at = @now, not_before = null, refusal = null, ever_sent = true
            from wanted w join command using (device)
            where l.order_id = w.order_id
            """,
            new
            {
                now,
                devices = next.ConvertAll(static row => row.Device.ToArray()).ToArray(),
                orders = next.ConvertAll(static row => row.OrderId).ToArray(),
                wanted = next.ConvertAll(static row => row.WantedWh).ToArray(),
            },
            cancellationToken);
    }
}

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
        var sent = 0;
        foreach (var device in devices)
        {
            sent += await SendNextAsync(device, now, cancellationToken);
        }

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

    private Task<int> SendNextAsync(Key32 device, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.TransactAsync(
            async unit =>
            {
                var locks = await LockRow.LockOpenAsync(unit.Transaction, device, cancellationToken);
                return LockPlan.Next(locks, now) is { } next
                    ? await unit.Transaction.ExecuteAsync(
                        """
                        with command as (
                            update meters set command_counter = command_counter + 1 where device = @device
                            returning command_counter)
                        update device_locks
                        set status = 'sent', counter = command.command_counter, commanded_wh = @wanted,
                            commanded_until = expires_at, sent_at = @now, not_before = null, refusal = null,
                            ever_sent = true
                        from command
                        where order_id = @order
                        """,
                        new { device, wanted = next.WantedWh, now, order = next.OrderId },
                        cancellationToken)
                    : 0;
            },
            cancellationToken);
}

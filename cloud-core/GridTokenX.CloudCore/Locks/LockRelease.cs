using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Locks;

/// <summary>Energy that a device need not hold any more.</summary>
internal static class LockRelease
{
    /// <summary>
    /// What was never asked of the device is not asked for; what it holds beyond the rest, the next command lets go.
    /// </summary>
    internal static Task ReduceAsync(
        NpgsqlTransaction transaction, Guid sellOrder, long energyWh, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update device_locks
            set energy_wh = greatest(0, energy_wh - @energyWh),
                status = case when status = 'queued' and energy_wh - @energyWh <= delivered_wh then 'released'
                    else status end
            where order_id = @sellOrder
            """,
            new { sellOrder, energyWh },
            cancellationToken);
}

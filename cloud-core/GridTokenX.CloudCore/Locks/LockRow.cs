using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Locks;

internal static class LockStatus
{
    internal const string Queued = "queued";
    internal const string Sent = "sent";
    internal const string Acknowledged = "acknowledged";
    internal const string Rejected = "rejected";
    internal const string Released = "released";
    internal const string Expired = "expired";
}

/// <summary>What a device is to hold for a sell order, and how far that has come; see the schema.</summary>
internal sealed record LockRow
{
    private const string Columns =
        """
        order_id, device, energy_wh, expires_at, status, counter, commanded_wh, not_before, acknowledged_wh,
        delivered_wh,
        refusal, ever_acknowledged
        """;

    public required Guid OrderId { get; init; }

    public required Key32 Device { get; init; }

    public required long EnergyWh { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string Status { get; init; }

    public long? Counter { get; init; }

    public long CommandedWh { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public long AcknowledgedWh { get; init; }

    public long DeliveredWh { get; init; }

    public string? Refusal { get; init; }

    public bool EverAcknowledged { get; init; }

    /// <summary>What a command has to ask for now; nothing: it releases what is held.</summary>
    internal long WantedWh => Math.Max(0, EnergyWh - DeliveredWh);

    /// <summary>The open locks of the devices, locked in the order that everybody keeps.</summary>
    internal static Task<IReadOnlyList<LockRow>> LockOpenAsync(
        NpgsqlTransaction transaction, IEnumerable<Key32> devices, CancellationToken cancellationToken) =>
        transaction.QueryAsync<LockRow>(
            $"""
            select {Columns} from device_locks
            where device = any(@devices) and status in ('queued', 'sent', 'acknowledged')
            order by order_id for update
            """,
            new { devices = devices.Select(static device => device.ToArray()).ToArray() },
            cancellationToken);

    /// <summary>Rows that the caller has locked.</summary>
    internal static Task SaveAsync(
        NpgsqlTransaction transaction, IReadOnlyList<LockRow> rows, CancellationToken cancellationToken) =>
        rows.Count == 0 ? Task.CompletedTask : transaction.ExecuteAsync(
            """
            update device_locks l
            set status = n.status, commanded_wh = n.commanded_wh, not_before = n.not_before,
                acknowledged_wh = n.acknowledged_wh, delivered_wh = n.delivered_wh, refusal = n.refusal,
                ever_acknowledged = n.ever_acknowledged
            from unnest(@orders, @statuses, @commanded, @notBefore, @acknowledged, @delivered, @refusals, @ever)
                as n (order_id, status, commanded_wh, not_before, acknowledged_wh, delivered_wh, refusal,
                    ever_acknowledged)
            where l.order_id = n.order_id
            """,
            new
            {
                orders = rows.Select(static row => row.OrderId).ToArray(),
                statuses = rows.Select(static row => row.Status).ToArray(),
                commanded = rows.Select(static row => row.CommandedWh).ToArray(),
                notBefore = rows.Select(static row => row.NotBefore?.UtcDateTime).ToArray(),
                acknowledged = rows.Select(static row => row.AcknowledgedWh).ToArray(),
                delivered = rows.Select(static row => row.DeliveredWh).ToArray(),
                refusals = rows.Select(static row => row.Refusal).ToArray(),
                ever = rows.Select(static row => row.EverAcknowledged).ToArray(),
            },
            cancellationToken);
}

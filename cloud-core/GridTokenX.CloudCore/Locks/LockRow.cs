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

    /// <summary>The open locks of a device, locked in the order that everybody keeps.</summary>
    internal static Task<IReadOnlyList<LockRow>> LockOpenAsync(
        NpgsqlTransaction transaction, Key32 device, CancellationToken cancellationToken) =>
        transaction.QueryAsync<LockRow>(
            $"""
            select {Columns} from device_locks
            where device = @device and status in ('queued', 'sent', 'acknowledged')
            order by order_id for update
            """,
            new { device },
            cancellationToken);

    internal Task SaveAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update device_locks
            set status = @Status, commanded_wh = @CommandedWh, not_before = @NotBefore,
                acknowledged_wh = @AcknowledgedWh,
                delivered_wh = @DeliveredWh, refusal = @Refusal, ever_acknowledged = @EverAcknowledged
            where order_id = @OrderId
            """,
            this,
            cancellationToken);
}

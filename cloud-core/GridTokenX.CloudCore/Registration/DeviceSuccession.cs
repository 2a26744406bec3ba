using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

/// <summary>
/// One device after another at a meter, and one gateway after another for a device. The meter's registers go on: the
/// new
/// device's first reading begins where the meter stands, and what the old one had signed before still counts.
/// </summary>
internal static class DeviceSuccession
{
    /// <summary>
    /// A key that was ever at a meter comes back at no other one: what it has counted was settled there.
    /// </summary>
    internal static Task<bool> IsUsedAsync(
        NpgsqlTransaction transaction, Key32 device, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<bool>(
            """
            select exists (select from meters where device = @device)
                or exists (select from former_devices where device = @device)
            """,
            new { device },
            cancellationToken);

    /// <summary>The old gateway has no say from now on; what the device had signed before it may still bring.</summary>
    internal static async Task MoveAsync(
        NpgsqlTransaction transaction,
        Enrolment enrolment,
        Key32 from,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await RememberAsync(transaction, enrolment.Device, from, now, cancellationToken);
        _ = await transaction.ExecuteAsync(
            "update meters set gateway = @Gateway, consent = @Consent where meter_id = @MeterId",
            enrolment,
            cancellationToken);
    }

    /// <summary>What the old device was to hold, the new one is asked for.</summary>
    internal static async Task ReplaceAsync(
        NpgsqlTransaction transaction,
        Enrolment enrolment,
        Key32 old,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        _ = await transaction.ExecuteAsync(
            """
            insert into former_devices (device, meter_id, since, until, last_sequence, last_reading_at, production_wh,
                                        consumption_wh)
            select device, meter_id, device_since, @now, last_sequence, last_reading_at,
                   production_wh - production_offset_wh, consumption_wh - consumption_offset_wh
            from meters where meter_id = @MeterId
            """,
            new { enrolment.MeterId, now },
            cancellationToken);
        var gateway = await transaction.FirstOrDefaultAsync<Key32>(
            "select gateway from meters where meter_id = @MeterId", new { enrolment.MeterId }, cancellationToken);
        await RememberAsync(transaction, old, gateway, now, cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update meters
            set device = @Device, chain_device = coalesce(chain_device, device), gateway = @Gateway, consent = @Consent,
                device_since = @now, last_sequence = 0, production_offset_wh = null, consumption_offset_wh = null,
                soc_permille = null, paired_at = null, probe_counter = null, probe_until = null
            where meter_id = @MeterId
            """,
            new { enrolment.MeterId, enrolment.Device, enrolment.Gateway, enrolment.Consent, now },
            cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update device_locks
            set device = @Device, status = 'queued', counter = null, commanded_wh = 0, commanded_until = null,
                acknowledged_wh = 0, not_before = null
            where device = @old and status in ('queued', 'sent', 'acknowledged')
            """,
            new { enrolment.Device, old },
            cancellationToken);
    }

    private static Task<int> RememberAsync(
        NpgsqlTransaction transaction,
        Key32 device,
        Key32 gateway,
        DateTimeOffset until,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into former_gateways (device, gateway, until) values (@device, @gateway, @until)
            on conflict (device, gateway) do update set until = excluded.until
            """,
            new { device, gateway, until },
            cancellationToken);
}

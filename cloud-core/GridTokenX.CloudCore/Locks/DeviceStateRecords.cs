using System.Text.Json;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Locks;

/// <summary>What is known of a device before its statement is believed.</summary>
internal enum DeviceStateNews
{
    None = 0,
    Newer,
    Seen,
    UnknownDevice,
}

internal sealed class DeviceStateRecords(NpgsqlDataSource database, TimeProvider marketTime)
{
    // A counter beyond it is no counter of ours; staying below leaves room for every command to come.
    private const long MaxCounter = 1L << 53;

    /// <summary>Asked before the signature is verified: most statements are repetitions.</summary>
    internal async Task<DeviceStateNews> NewsAsync(Key32 device, long sequence, CancellationToken cancellationToken)
    {
        var last = await database.FirstOrDefaultAsync<long?>(
            """
            select coalesce(s.sequence, 0) from meters m left join device_states s on s.device = m.device
            where m.device = @device
            """,
            new { device },
            cancellationToken);
        if (last is null)
        {
            return DeviceStateNews.UnknownDevice;
        }

        return sequence > last ? DeviceStateNews.Newer : DeviceStateNews.Seen;
    }

    /// <summary>
    /// Stores the verified statement and lets it act on the device's locks; a statement that is not the newest does
    /// nothing.
    /// </summary>
    internal Task<bool> ApplyAsync(DeviceState state, CancellationToken cancellationToken) =>
        database.TransactAsync(unit => ApplyAsync(unit.Transaction, state, cancellationToken), cancellationToken);

    private async Task<bool> ApplyAsync(
        NpgsqlTransaction transaction, DeviceState state, CancellationToken cancellationToken)
    {
        var locks = await LockRow.LockOpenAsync(transaction, state.Device, cancellationToken);
        if (!await StoreAsync(transaction, state, cancellationToken))
        {
            return false;
        }

        var now = marketTime.GetUtcNow();
        foreach (var row in locks)
        {
            var after = LockTransitions.After(row, state, now);
            if (after != row)
            {
                await after.SaveAsync(transaction, cancellationToken);
            }
        }

        // Nothing but a command under the device's key has an answer with this counter. Ahead of ours it is only when
        // the database was restored from a backup: then the device knows better.
        _ = await transaction.ExecuteAsync(
            """
            update meters
            set command_counter = greatest(command_counter, @obeyed),
                paired_at = case when probe_counter = @counter then coalesce(paired_at, @now) else paired_at end
            where device = @device
              and (command_counter < @obeyed or (probe_counter = @counter and paired_at is null))
            """,
            new
            {
                now,
                device = state.Device,
                counter = state.Counter,
                obeyed = state.Cause != StateCause.Refused && state.Counter is > 0 and <= MaxCounter
                    ? state.Counter
                    : 0,
            },
            cancellationToken);
        return true;
    }

    private static async Task<bool> StoreAsync(
        NpgsqlTransaction transaction, DeviceState state, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into device_states (device, sequence, stated_at, statement)
            select device, @sequence, @at, @statement::jsonb from meters where device = @device
            on conflict (device) do update
            set sequence = excluded.sequence, stated_at = excluded.stated_at, statement = excluded.statement
            where device_states.sequence < excluded.sequence
            """,
            new
            {
                device = state.Device,
                sequence = state.Sequence,
                at = state.Timestamp,
                statement = JsonSerializer.Serialize(state, ProtocolJson.Default.DeviceState),
            },
            cancellationToken) == 1;
}

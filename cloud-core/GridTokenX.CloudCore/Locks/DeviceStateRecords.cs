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
    internal async Task<bool> ApplyAsync(DeviceState state, CancellationToken cancellationToken) =>
        (await ApplyAsync([state], cancellationToken)).Contains(state.Device);

    /// <summary>The same for one statement each of several devices; returns those whose statement was news.</summary>
    internal Task<IReadOnlySet<Key32>> ApplyAsync(
        IReadOnlyList<DeviceState> states, CancellationToken cancellationToken) =>
        database.TransactAsync(unit => ApplyAsync(unit.Transaction, states, cancellationToken), cancellationToken);

    private async Task<IReadOnlySet<Key32>> ApplyAsync(
        NpgsqlTransaction transaction, IReadOnlyList<DeviceState> states, CancellationToken cancellationToken)
    {
        var locks = (await LockRow.LockOpenAsync(
            transaction, states.Select(static state => state.Device), cancellationToken))
            .ToLookup(static row => row.Device);
        var stored = (await StoreAsync(transaction, states, cancellationToken)).ToHashSet();
        var news = states.Where(state => stored.Contains(state.Device)).ToArray();
        if (news.Length == 0)
        {
            return stored;
        }

        var now = marketTime.GetUtcNow();
        var changed = news
            .SelectMany(state => locks[state.Device].Select(
                row => (Before: row, After: LockTransitions.After(row, state, now))))
            .Where(static row => row.After != row.Before)
            .Select(static row => row.After)
            .ToList();
        await LockRow.SaveAsync(transaction, changed, cancellationToken);

        // Nothing but a command under the device's key has an answer with this counter. Ahead of ours it is only when
        // the database was restored from a backup: then the device knows better.
        _ = await transaction.ExecuteAsync(
            """
            with answered as (
                select m.meter_id, s.counter, s.obeyed
                from unnest(@devices, @counters, @obeyed) as s (device, counter, obeyed)
                join meters m using (device)
                where m.command_counter < s.obeyed or (m.probe_counter = s.counter and m.paired_at is null)
                order by m.meter_id for no key update of m)
            update meters m
            set command_counter = greatest(m.command_counter, a.obeyed),
                paired_at = case when m.probe_counter = a.counter then coalesce(m.paired_at, @now) else m.paired_at end
            from answered a where m.meter_id = a.meter_id
            """,
            new
            {
                now,
                devices = Array.ConvertAll(news, static state => state.Device.ToArray()),
                counters = Array.ConvertAll(news, static state => state.Counter),
                obeyed = Array.ConvertAll(news, static state => ObeyedBy(state)),
            },
            cancellationToken);
        return stored;
    }

    private static long ObeyedBy(DeviceState state) =>
        state.Cause != StateCause.Refused && state.Counter is > 0 and <= MaxCounter ? state.Counter : 0;

    private static Task<IReadOnlyList<Key32>> StoreAsync(
        NpgsqlTransaction transaction, IReadOnlyList<DeviceState> states, CancellationToken cancellationToken) =>
        transaction.QueryAsync<Key32>(
            """
            insert into device_states (device, sequence, stated_at, statement)
            select device, s.sequence, s.at, s.statement::jsonb
            from unnest(@devices, @sequences, @times, @statements) as s (device, sequence, at, statement)
            join meters m using (device)
            order by device
            on conflict (device) do update
            set sequence = excluded.sequence, stated_at = excluded.stated_at, statement = excluded.statement
            where device_states.sequence < excluded.sequence
            returning device
            """,
            new
            {
                devices = states.Select(static state => state.Device.ToArray()).ToArray(),
                sequences = states.Select(static state => state.Sequence).ToArray(),
                times = states.Select(static state => state.Timestamp).ToArray(),
                statements = states
                    .Select(static state => JsonSerializer.Serialize(state, ProtocolJson.Default.DeviceState))
                    .ToArray(),
            },
            cancellationToken);
}

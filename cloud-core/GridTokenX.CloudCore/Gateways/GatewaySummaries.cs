using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;
using NpgsqlTypes;

namespace GridTokenX.CloudCore.Gateways;

/// <summary>
/// The newest that each gateway has told of itself and its devices. It settles nothing, and a gateway is heard only
/// about the devices it speaks for.
/// </summary>
internal sealed class GatewaySummaries(NpgsqlDataSource database, WallTime wall)
{
    internal const int MaxDevices = 1000;
    internal const int MaxAlarms = 32;
    private const int MaxAlarmLength = 40;
    private const int MaxVersionLength = 40;
    private const int MaxPermille = 1000;

    /// <summary>What is wrong with it, or null.</summary>
    internal static string? Fault(GatewaySummary summary)
    {
        if (summary.Backlog < 0 || summary.Quarantined < 0)
        {
            return "backlog and quarantined are not negative.";
        }

        if (summary.Alarms.Count > MaxAlarms || summary.Alarms.Any(static alarm => !IsAlarm(alarm)))
        {
            return $"alarms are at most {MaxAlarms} names of 1 to {MaxAlarmLength} characters of a-z 0-9 - _ .";
        }

        if (summary.Version is { } version && !IsVersion(version))
        {
            return $"version is 1 to {MaxVersionLength} characters of a-z A-Z 0-9 . + ~ - _.";
        }

        if (summary.Devices.Count > MaxDevices
            || summary.Devices.Any(static device => device is null)
            || summary.Devices.DistinctBy(static device => device.Device).Count() != summary.Devices.Count)
        {
            return $"devices are at most {MaxDevices}, each of them once.";
        }

        return summary.Devices.Any(static device =>
            device.LastSequence < 0 || device.SocPermille is < 0 or > MaxPermille)
                ? "last_sequence is not negative, soc_permille goes from 0 to 1000."
                : null;
    }

    internal Task<int> StoreAsync(Key32 gateway, GatewaySummary summary, CancellationToken cancellationToken) =>
        database.TransactAsync(
            async unit =>
            {
                _ = await unit.Transaction.ExecuteAsync(
                    """
                    insert into gateway_summaries (gateway, received_at, sent_at, backlog, oldest_pending, quarantined,
                                                   alarms, version)
                    values (@gateway, @now, @SentAt, @Backlog, @OldestPending, @Quarantined, @alarms, @Version)
                    on conflict (gateway) do update
                    set received_at = excluded.received_at, sent_at = excluded.sent_at, backlog = excluded.backlog,
                        oldest_pending = excluded.oldest_pending, quarantined = excluded.quarantined,
                        alarms = excluded.alarms, version = excluded.version
                    """,
                    new
                    {
                        gateway,
                        now = wall.UtcNow,
                        summary.SentAt,
                        summary.Backlog,
                        summary.OldestPending,
                        summary.Quarantined,
                        alarms = summary.Alarms.ToArray(),
                        summary.Version,
                    },
                    cancellationToken);
                return await StoreDevicesAsync(unit, gateway, summary.Devices, cancellationToken);
            },
            cancellationToken);

    private static bool IsAlarm(string? name) =>
        name is { Length: >= 1 and <= MaxAlarmLength }
        && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');

    private static bool IsVersion(string version) =>
        version.Length is >= 1 and <= MaxVersionLength
        && version.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '~' or '-' or '_');

    private async Task<int> StoreDevicesAsync(
        UnitOfWork unit, Key32 gateway, IReadOnlyList<DeviceSummary> devices, CancellationToken cancellationToken)
    {
        if (devices.Count == 0)
        {
            return 0;
        }

        await using var command = new NpgsqlCommand(
            """
            insert into device_sights as s (device, gateway, received_at, online, last_sequence, last_reading_at,
                                            soc_permille, clock_offset_s)
            select n.device, m.gateway, $2, n.online, n.sequence, n.read_at, n.soc, n.clock_offset
            from unnest($3, $4, $5, $6, $7, $8) as n (device, online, sequence, read_at, soc, clock_offset)
            join meters m on m.device = n.device and m.gateway = $1 and m.revoked_at is null
            order by n.device
            on conflict (device) do update
            set gateway = excluded.gateway, received_at = excluded.received_at, online = excluded.online,
                last_sequence = excluded.last_sequence, last_reading_at = excluded.last_reading_at,
                soc_permille = excluded.soc_permille, clock_offset_s = excluded.clock_offset_s
            """,
            unit.Connection,
            unit.Transaction);
        command.Parameters.Add(new() { Value = gateway.ToArray() });
        command.Parameters.Add(new() { Value = wall.UtcNow });
        Add(command, NpgsqlDbType.Bytea, devices.Select(static d => d.Device.ToArray()));
        Add(command, NpgsqlDbType.Boolean, devices.Select(static d => d.Online));
        Add(command, NpgsqlDbType.Bigint, devices.Select(static d => d.LastSequence));
        Add(command, NpgsqlDbType.TimestampTz, devices.Select(static d => d.LastReadingAt?.UtcDateTime));
        Add(command, NpgsqlDbType.Integer, devices.Select(static d => d.SocPermille));
        Add(command, NpgsqlDbType.Bigint, devices.Select(static d => d.ClockOffsetSeconds));
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType elementType, IEnumerable<T> values) =>
#pragma warning disable S3265 // so Npgsql names arrays
        command.Parameters.Add(
            new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | elementType });
#pragma warning restore S3265
}

using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Operations;

/// <summary>Every device of the deployment, or those that need a look.</summary>
internal static class DeviceOverview
{
    private const int MaxRows = 500;
    private const int DefaultRows = 100;
    private static readonly string[] States = ["in_service", "silent", "unpaired", "revoked"];

    private sealed record Row(
        Key32 Device,
        string MeterId,
        string Zone,
        Key32 Owner,
        string OwnerName,
        Key32 Gateway,
        bool Paired,
        DateTimeOffset? RevokedAt,
        long LastSequence,
        DateTimeOffset? LastReadingAt,
        bool Seen,
        bool? Online,
        long? SeenSequence,
        DateTimeOffset? SeenReadingAt,
        int? SocPermille,
        long? ClockOffsetS)
    {
        internal DeviceListing ToView() => new(
            Device,
            MeterId,
            Zone,
            Owner,
            OwnerName,
            Gateway,
            Paired,
            RevokedAt,
            LastSequence,
            LastReadingAt,
            Seen
                ? new DeviceSummary(Device, Online, SeenSequence ?? 0, SeenReadingAt, SocPermille, ClockOffsetS)
                : null);
    }

    internal static async Task<IResult> ListAsync(
        string? state,
        string? zone,
        string? gateway,
        string? cursor,
        int? limit,
        NpgsqlDataSource database,
        TimeProvider marketTime,
        CancellationToken cancellationToken)
    {
        var isKey = KeyParameter.TryRead(gateway, out var named);
        if (!isKey
            || limit is < 1 or > MaxRows
            || (state is not null && !States.Contains(state))
            || RegistrationForms.FaultOfZone(zone) is not null
            || (cursor is not null && RegistrationForms.FaultOfMeterId(cursor) is not null))
        {
            return Problems.Of(
                ProblemCodes.MalformedRequest,
                $"state is one of {string.Join(", ", States)}; limit goes from 1 to {MaxRows}.");
        }

        var most = limit ?? DefaultRows;
        var rows = await database.QueryAsync<Row>(
            """
            select m.device, m.meter_id, m.zone, u.wallet as owner, u.name as owner_name, m.gateway,
                   m.paired_at is not null as paired, m.revoked_at, m.last_sequence, m.last_reading_at,
                   s.device is not null as seen, s.online, s.last_sequence as seen_sequence,
                   s.last_reading_at as seen_reading_at, s.soc_permille, s.clock_offset_s
            from meters m
            join users u on u.id = m.owner_id
            left join device_sights s on s.device = m.device and s.gateway = m.gateway
            where (@cursor::text is null or m.meter_id > @cursor)
              and (@zone::text is null or m.zone = @zone)
              and (@named::bytea is null or m.gateway = @named)
              and case @state::text
                  when 'in_service' then m.revoked_at is null
                  when 'silent' then m.revoked_at is null
                      and (m.last_reading_at is null or m.last_reading_at < @silentSince)
                  when 'unpaired' then m.revoked_at is null and m.paired_at is null
                  when 'revoked' then m.revoked_at is not null
                  else true end
            order by m.meter_id
            limit @rows
            """,
            new
            {
                cursor,
                zone,
                named,
                state,
                silentSince = marketTime.GetUtcNow() - OperationsHealthQuery.DeviceSilence,
                rows = most + 1,
            },
            cancellationToken);
        return Results.Ok(new DeviceList(
            [.. rows.Take(most).Select(static row => row.ToView())],
            rows.Count > most ? rows[most - 1].MeterId : null));
    }
}

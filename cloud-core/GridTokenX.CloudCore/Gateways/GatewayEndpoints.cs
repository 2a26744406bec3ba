using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Gateways;

/// <summary>What gateways tell of themselves, and who may see it.</summary>
internal static class GatewayEndpoints
{
    /// <summary>A thousand devices take some 200 kB.</summary>
    private const int MaxSummaryBytes = 512 * 1024;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/api/gateways/{gateway}/summary", TakeSummaryAsync)
            .RequireGateway().WithBodyLimit(MaxSummaryBytes);
        _ = routes.MapGet("/api/gateways/{gateway}", GetAsync).RequireWallet();
        _ = routes.MapGet("/api/gateways", GatewayListEndpoint.ListAsync).RequireWallet();
    }

    private static async Task<IResult> TakeSummaryAsync(
        GatewaySummary summary,
        HttpContext context,
        GatewaySummaries summaries,
        TimeProvider marketTime,
        CancellationToken cancellationToken)
    {
        if (GatewaySummaries.Fault(summary) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        _ = await summaries.StoreAsync(context.Caller().Key, summary, cancellationToken);
        return Results.Ok(new SummaryReceipt(marketTime.GetUtcNow()));
    }

    private static async Task<IResult> GetAsync(
        string gateway,
        HttpContext context,
        NpgsqlDataSource database,
        WallTime wall,
        CancellationToken cancellationToken)
    {
        if (!Key32.TryParse(gateway, out var key)
            || await GatewayRow.FindAsync(database, key, cancellationToken) is not { } row)
        {
            return Problems.Of(ProblemCodes.NotFound);
        }

        var caller = context.Caller();
        if (caller.Kind != CallerKind.Operator && caller.Key != key && caller.Key != row.AccessKey)
        {
            return Problems.Of(ProblemCodes.Forbidden);
        }

        var devices = await DeviceRow.OfAsync(database, key, cancellationToken);
        return Results.Ok(row.ToView(wall.UtcNow, [.. devices.Select(static device => device.ToView())]));
    }
}

internal sealed record GatewayRow(
    Key32 Gateway,
    string Name,
    string? Zone,
    Key32? Owner,
    Key32? AccessKey,
    DateTimeOffset? PairingUntil,
    DateTimeOffset? ReceivedAt,
    DateTimeOffset? SentAt,
    long? Backlog,
    DateTimeOffset? OldestPending,
    long? Quarantined,
    string? Alarms,
    string? Version)
{
    private const string Select =
        """
        select g.gateway, g.name, g.zone, u.wallet as owner, u.access_key, g.pairing_until, s.received_at, s.sent_at,
               s.backlog, s.oldest_pending, s.quarantined, array_to_string(s.alarms, ' ') as alarms,
               s.version
        from gateways g left join users u on u.id = g.owner_id left join gateway_summaries s using (gateway)
        """;

    internal static Task<GatewayRow?> FindAsync(
        NpgsqlDataSource database, Key32 gateway, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<GatewayRow>(
            Select + " where g.gateway = @gateway", new { gateway }, cancellationToken);

    /// <summary>By key; of all owners when none is named.</summary>
    internal static Task<IReadOnlyList<GatewayRow>> ListAsync(
        NpgsqlDataSource database, Guid? owner, Key32 after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<GatewayRow>(
            Select
            + " where (@owner::uuid is null or g.owner_id = @owner) and g.gateway > @after"
            + " order by g.gateway limit @limit",
            new { owner, after, limit },
            cancellationToken);

    internal GatewayView ToView(DateTimeOffset now, IReadOnlyList<GatewayDeviceView> devices) => new(
        Gateway,
        Name,
        Zone,
        Owner,
        PairingUntil > now ? PairingUntil : null,
        ReceivedAt is { } received ? HealthOf(received) : null,
        devices);

    private GatewayHealth HealthOf(DateTimeOffset received) => new(
        received,
        SentAt is { } sent ? (long)(sent - received).TotalSeconds : null,
        Backlog ?? 0,
        OldestPending,
        Quarantined ?? 0,
        Alarms?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [],
        Version);
}

internal sealed record DeviceRow(
    Key32 Device,
    string MeterId,
    bool Paired,
    bool Revoked,
    long LastSequence,
    bool Seen,
    bool? Online,
    long? SeenSequence,
    DateTimeOffset? SeenReadingAt,
    int? SocPermille,
    long? ClockOffsetS)
{
    private const int MaxDevices = 1000;

    internal static Task<IReadOnlyList<DeviceRow>> OfAsync(
        NpgsqlDataSource database, Key32 gateway, CancellationToken cancellationToken) =>
        database.QueryAsync<DeviceRow>(
            """
            select m.device, m.meter_id, m.paired_at is not null as paired, m.revoked_at is not null as revoked,
                   m.last_sequence, s.device is not null as seen, s.online, s.last_sequence as seen_sequence,
                   s.last_reading_at as seen_reading_at, s.soc_permille, s.clock_offset_s
            from meters m left join device_sights s on s.device = m.device and s.gateway = m.gateway
            where m.gateway = @gateway
            order by m.revoked_at is not null, m.meter_id limit @MaxDevices
            """,
            new { gateway, MaxDevices },
            cancellationToken);

    internal GatewayDeviceView ToView() => new(
        Device,
        MeterId,
        Paired,
        Revoked,
        LastSequence,
        Seen
            ? new DeviceSummary(Device, Online, SeenSequence ?? 0, SeenReadingAt, SocPermille, ClockOffsetS)
            : null);
}

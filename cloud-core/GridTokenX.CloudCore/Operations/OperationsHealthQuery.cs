using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace GridTokenX.CloudCore.Operations;

/// <summary>The checks of this process, and what the database knows of all that is outside of it.</summary>
internal sealed class OperationsHealthQuery(
    HealthCheckService checks,
    NpgsqlDataSource database,
    Maintenance maintenance,
    LiveLimits live,
    TimeProvider marketTime,
    WallTime wall)
{
    private const string Healthy = "healthy";
    private const string Degraded = "degraded";

    // A gateway tells each minute.
    private static readonly TimeSpan GatewaySilence = TimeSpan.FromMinutes(5);

    /// <summary>In market time; a device reads each quarter of an hour at the latest.</summary>
    internal static readonly TimeSpan DeviceSilence = TimeSpan.FromHours(1);

    private sealed record Counts
    {
        public required long Gateways { get; init; }

        public required long SilentGateways { get; init; }

        public required long AlarmedGateways { get; init; }

        public required long Backlog { get; init; }

        public required long Devices { get; init; }

        public required long SilentDevices { get; init; }

        public required long Open { get; init; }

        public required long Parked { get; init; }

        public required long Refused { get; init; }
    }

    internal async Task<OperationsHealth> ReadAsync(CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(cancellationToken);
        var counts = await CountAsync(cancellationToken);
        List<PartHealth> parts =
        [
            .. report.Entries.Select(static entry => new PartHealth(
                entry.Key, NameOf(entry.Value.Status), entry.Value.Description ?? entry.Value.Exception?.Message)),
            Part(
                "gateways",
                counts.SilentGateways + counts.AlarmedGateways == 0,
                $"{counts.Gateways} registered, {counts.SilentGateways} silent, {counts.AlarmedGateways} with alarms, "
                + $"{counts.Backlog} readings to come"),
            Part(
                "devices",
                counts.SilentDevices == 0,
                $"{counts.Devices} in service, {counts.SilentDevices} without a reading for an hour"),
            Part(
                "outbox",
                counts.Parked == 0,
                $"{counts.Open} under way, {counts.Parked} parked, {counts.Refused} refused"),
        ];
        return new OperationsHealth(
            parts.Exists(static part => part.Status is not (Healthy or Degraded))
                ? NameOf(HealthStatus.Unhealthy)
                : Worse(parts.TrueForAll(static part => part.Status == Healthy)),
            [.. parts.OrderBy(static part => part.Name, StringComparer.Ordinal)],
            await maintenance.ReadAsync(cancellationToken),
            live.Clients);
    }

    private async Task<Counts> CountAsync(CancellationToken cancellationToken) =>
        (await database.QueryAsync<Counts>(
            """
            select g.*, d.*, o.*
            from (
                select count(*) as gateways,
                       count(*) filter (where s.received_at is null or s.received_at < @gatewaySince)
                           as silent_gateways,
                       count(*) filter (where s.received_at >= @gatewaySince and cardinality(s.alarms) > 0)
                           as alarmed_gateways,
                       coalesce(sum(s.backlog), 0)::bigint as backlog
                from gateways g left join gateway_summaries s using (gateway)) g
            cross join (
                select count(*) as devices,
                       count(*) filter (where last_reading_at is null or last_reading_at < @deviceSince)
                           as silent_devices
                from meters where revoked_at is null) d
            cross join (
                select (select count(*) from chain_outbox where status in ('pending', 'sent')) as open,
                       count(*) filter (where status = 'parked') as parked,
                       count(*) filter (where status = 'refused') as refused
                from chain_outbox where status in ('parked', 'refused')) o
            """,
            new
            {
                gatewaySince = wall.UtcNow - GatewaySilence,
                deviceSince = marketTime.GetUtcNow() - DeviceSilence,
            },
            cancellationToken))[0];

    private static PartHealth Part(string name, bool isHealthy, string detail) => new(name, Worse(isHealthy), detail);

    private static string Worse(bool isHealthy) => isHealthy ? Healthy : Degraded;

    private static string NameOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => Healthy,
        HealthStatus.Degraded => Degraded,
        _ => "unhealthy",
    };
}

using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Operations;

/// <summary>
/// Whether new orders are refused, for all processes of the database: each looks once a second, and the one that
/// changes it knows at once. Readings, matches and settlements of what was placed before, and cancellations go on.
/// </summary>
internal sealed class Maintenance
{
    internal static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);
    private static readonly MaintenanceView Never = new(false, null, null, null);

    private readonly NpgsqlDataSource _database;
    private readonly AuditLog _log;
    private readonly WallTime _wall;
    private readonly ILogger<Maintenance> _logger;

    // However many requests find that it is time to look, one looks for all of them.
    private readonly SharedReads<bool, MaintenanceView> _looks;
    private volatile Known? _known;

    public Maintenance(NpgsqlDataSource database, AuditLog log, WallTime wall, ILogger<Maintenance> logger)
    {
        (_database, _log, _wall, _logger) = (database, log, wall, logger);
        _looks = new SharedReads<bool, MaintenanceView>(_ => LookAsync(), wall.Clock, TimeSpan.Zero);
    }

    private sealed record Known(MaintenanceView View, DateTimeOffset Until);

    private sealed record Row(bool Enabled, string? Reason, DateTimeOffset Since, Key32 ChangedBy);

    /// <summary>At most a second old.</summary>
    internal ValueTask<MaintenanceView> ReadAsync(CancellationToken cancellationToken) =>
        _known is { } known && _wall.UtcNow < known.Until
            ? ValueTask.FromResult(known.View)
            : new ValueTask<MaintenanceView>(_looks.ReadAsync(true).WaitAsync(cancellationToken));

    /// <summary>Of a request for new orders; null while there is no maintenance.</summary>
    internal async ValueTask<IResult?> RefusalAsync(CancellationToken cancellationToken)
    {
        var state = await ReadAsync(cancellationToken);
        return state.Enabled ? Problems.Of(ProblemCodes.Maintenance, state.Reason, RetryAfter) : null;
    }

    /// <summary>Since is the time of the last real change.</summary>
    internal async Task<MaintenanceView> SetAsync(
        MaintenanceRequest request, Key32 caller, string address, CancellationToken cancellationToken)
    {
        var changed = await _database.TransactAsync(
            async unit =>
            {
                var rows = await unit.Transaction.ExecuteAsync(
                    """
                    insert into maintenance (enabled, reason, since, changed_by)
                    values (@Enabled, @Reason, @now, @caller)
                    on conflict (only_row) do update
                    set enabled = excluded.enabled, reason = excluded.reason, since = excluded.since,
                        changed_by = excluded.changed_by
                    where (maintenance.enabled, maintenance.reason)
                        is distinct from (excluded.enabled, excluded.reason)
                    """,
                    new { request.Enabled, request.Reason, now = _wall.UtcNow, caller },
                    cancellationToken);
                if (rows > 0)
                {
                    await _log.AppendAsync(
                        unit.Transaction,
                        new AuditEvent(
                            caller.ToString(),
                            "maintenance",
                            request.Enabled ? "on" : "off",
                            request.Reason,
                            address),
                        cancellationToken);
                }

                return rows > 0;
            },
            cancellationToken);
        if (changed)
        {
            Log.MaintenanceSwitched(_logger, caller.ToString(), request.Enabled, request.Reason);
        }

        return await _looks.ReadAsync(true).WaitAsync(cancellationToken);
    }

    private async Task<MaintenanceView> LookAsync()
    {
        var row = await _database.FirstOrDefaultAsync<Row>(
            "select enabled, reason, since, changed_by from maintenance", null, CancellationToken.None);
        var view = row is null ? Never : new MaintenanceView(row.Enabled, row.Reason, row.Since, row.ChangedBy);
        _known = new Known(view, _wall.UtcNow + Lifetime);
        return view;
    }
}

internal static class MaintenanceExtensions
{
    /// <summary>The endpoint takes new orders: none while there is maintenance.</summary>
    internal static T RefusedInMaintenance<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.AddEndpointFilter(static async (context, next) =>
        {
            var http = context.HttpContext;
            var maintenance = http.RequestServices.GetRequiredService<Maintenance>();
            return await maintenance.RefusalAsync(http.RequestAborted) ?? await next(context);
        });
}

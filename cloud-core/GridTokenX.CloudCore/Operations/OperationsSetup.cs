using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Hosting;

namespace GridTokenX.CloudCore.Operations;

internal static class OperationsSetup
{
    private const int MaxReason = 200;

    internal static void AddOperations(this IServiceCollection services, IConfiguration configuration) =>
        _ = services
            .AddSingleton<Maintenance>()
            .AddSingleton<OperationsHealthQuery>()
            .AddSingleton(provider => NotifierOf(configuration, provider.GetRequiredService<ILogger<Heartbeat>>()))
            .AddSingleton<Heartbeat>()
            .AddHostedService<ServiceStates>();

    /// <summary>What changes something is in the audit log before it happens, as everything of an operator.</summary>
    internal static void MapOperations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/operator").RequireOperator();
        _ = group.MapGet("/health", static async (OperationsHealthQuery query, CancellationToken cancellationToken) =>
            Results.Ok(await query.ReadAsync(cancellationToken)));
        _ = group.MapGet("/devices", DeviceOverview.ListAsync);
        _ = group.MapGet("/users", UserOverview.ListAsync);
        _ = group.MapGet("/maintenance", static async (Maintenance maintenance, CancellationToken cancellationToken) =>
            Results.Ok(await maintenance.ReadAsync(cancellationToken)));
        _ = group.MapPut("/maintenance", SwitchAsync);
    }

    private static ServiceNotifier NotifierOf(IConfiguration configuration, ILogger logger) =>
        new(configuration["NOTIFY_SOCKET"], (state, reason) => Log.NotNotified(logger, state, reason));

    private static async Task<IResult> SwitchAsync(
        MaintenanceRequest request,
        HttpContext context,
        Maintenance maintenance,
        CancellationToken cancellationToken) =>
        request.Reason is { } reason && (reason.Length is 0 or > MaxReason || reason.Any(char.IsControl))
            ? Problems.Of(ProblemCodes.MalformedRequest, $"reason has 1 to {MaxReason} characters of one line.")
            : Results.Ok(await maintenance.SetAsync(
                request, context.Caller().Key, ClientAddress.Of(context), cancellationToken));
}

using GridTokenX.CloudCore.Api;

namespace GridTokenX.CloudCore.Report;

internal static class ReportSetup
{
    internal static void AddReport(this IServiceCollection services) =>
        _ = services.AddSingleton<OperatorReportQuery>();

    internal static void MapReport(this IEndpointRouteBuilder routes) => _ = routes.MapGet(
        "/api/operator/report",
        static async (OperatorReportQuery report, CancellationToken cancellationToken) =>
            Results.Ok(await report.ReadAsync(cancellationToken))).RequireOperator();
}

using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GridTokenX.CloudCore.Api;

internal static class Health
{
    /// <summary>
    /// <c>/health</c>: the process lives. <c>/health/ready</c>: every registered check, 503 unless all are usable.
    /// </summary>
    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapHealthChecks(
            "/health", new HealthCheckOptions { Predicate = static _ => false, ResponseWriter = WriteAsync })
            .AllowPublic().WithoutDatabase().WithoutMarketTime().WithoutTiming();
        _ = routes.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync })
            .AllowPublic().WithoutDatabase().WithoutMarketTime().WithoutTiming();
    }

    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", NameOf(report.Status));
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteStartObject(name);
            json.WriteString("status", NameOf(entry.Status));
            json.WriteString("detail", entry.Description ?? entry.Exception?.Message);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string NameOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}

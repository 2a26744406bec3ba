using System.Text.Json;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Time;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;

namespace GridTokenX.EdgeGateway.Page;

/// <summary>What the gateway tells about itself, and in a simulation where its time is set.</summary>
internal sealed class StatusPage(
    ReadingOutbox outbox,
    DeviceDirectory directory,
    CloudClient cloud,
    HomeBroker homeBroker,
    CloudBroker cloudBroker,
    MarketClock clock,
    TimeAnnouncer announcer,
    Readiness readiness,
    Alarms alarms)
{
    private const string TimeGoesBack = "time_goes_back";

    internal static void Map(IEndpointRouteBuilder routes, bool isSimulation)
    {
        _ = routes.MapGet("/health", static () => Results.Text("ok"));
        _ = routes.MapGet(
            "/health/ready",
            static (StatusPage page) => page.IsReady
                ? Results.Text("ready")
                : Results.Text("not ready", statusCode: StatusCodes.Status503ServiceUnavailable));
        _ = routes.MapGet("/status", static (HttpContext context, StatusPage page, LocalPage local) =>
            local.MayRead(context) ? page.Answer() : Results.StatusCode(StatusCodes.Status403Forbidden));
        if (isSimulation)
        {
            _ = routes.MapPost(
                "/simulation/time",
                static (HttpRequest request, StatusPage page, CancellationToken cancellationToken) =>
                    page.SetTimeAsync(request, cancellationToken));
        }
    }

    internal bool IsReady => readiness.IsReady;

    internal GatewayStatus Status() =>
        new(
            clock.Now,
            outbox.Backlog,
            outbox.QuarantinedCount,
            homeBroker.Connection.IsConnected,
            cloudBroker.Connection.IsConnected,
            cloud.IsReachable,
            directory.Count,
            alarms.Text);

    private static IResult Refuse(int status, string code, string title) =>
        Results.Json(
            new Problem("about:blank", title, status, code, null),
            ProtocolJson.Default.Problem,
            "application/problem+json",
            status);

    private IResult Answer() => Results.Json(Status(), ProtocolJson.Default.GatewayStatus);

    private async Task<IResult> SetTimeAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        AdvanceRequest? advance;
        try
        {
            advance = await JsonSerializer.DeserializeAsync(
                request.Body, ProtocolJson.Default.AdvanceRequest, cancellationToken);
        }
        catch (JsonException)
        {
            advance = null;
        }
        catch (BadHttpRequestException exception)
        {
            return Refuse(exception.StatusCode, ProblemCodes.RequestTooLarge, "The request is too large.");
        }

        if (advance is null)
        {
            return Refuse(StatusCodes.Status400BadRequest, ProblemCodes.MalformedRequest, "Not a time to set.");
        }

        if (!clock.TrySet(advance.Now))
        {
            return Refuse(StatusCodes.Status409Conflict, TimeGoesBack, "Market time does not go back.");
        }

        await announcer.AnnounceAsync(cancellationToken);
        return Answer();
    }
}

using System.Net;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Simulation;

internal static class SimulationSetup
{
    internal static void AddSimulation(
        this IServiceCollection services, IConfiguration configuration, TimeProvider clock)
    {
        var options = configuration.Load<SimulationOptions>("Simulation", static _ => []);
        _ = services.AddSingleton(options);
        if (!options.Enabled)
        {
            services.AddSingleton(clock).AddWorkerLoops();
            return;
        }

        var marketClock = new MarketClock();
        _ = services
            .AddSingleton(marketClock)
            .AddSingleton<TimeProvider>(marketClock.Time)
            .AddSingleton<SimulationDriver>();
    }

    /// <summary>Until the simulator has said what time it is, nothing that depends on it is answered.</summary>
    internal static void UseClockGate(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetService<MarketClock>() is not { } clock)
        {
            return;
        }

        _ = app.Use(async (context, next) =>
        {
            if (clock.IsSet || context.GetEndpoint()?.Has(EndpointTrait.WithoutMarketTime) == true)
            {
                await next(context);
                return;
            }

            await Problems.Of(ProblemCodes.ClockNotSet).ExecuteAsync(context);
        });
    }

    internal static void MapSimulation(this IEndpointRouteBuilder routes)
    {
        if (!routes.ServiceProvider.GetRequiredService<SimulationOptions>().Enabled)
        {
            return;
        }

        var group = routes.MapGroup("/simulation").AllowPublic().WithoutMarketTime();
        _ = group.AddEndpointFilter(static async (context, next) =>
            context.HttpContext.Connection.RemoteIpAddress is { } caller && IPAddress.IsLoopback(caller)
                ? await next(context)
                : Problems.Of(ProblemCodes.Forbidden, "Only from this machine."));
        _ = group.MapPost("/advance", AdvanceAsync);
        _ = group.MapGet("/status", StatusAsync);
    }

    private static async Task<IResult> AdvanceAsync(
        AdvanceRequest request,
        SimulationDriver driver,
        MarketClock clock,
        IEnumerable<ISimulationStatus> parts,
        CancellationToken cancellationToken) =>
        await driver.AdvanceAsync(request.Now.ToUniversalTime(), cancellationToken)
            ? await StatusAsync(clock, parts, cancellationToken)
            : Problems.Of(ProblemCodes.ClockBehind);

    private static async Task<IResult> StatusAsync(
        MarketClock clock, IEnumerable<ISimulationStatus> parts, CancellationToken cancellationToken)
    {
        var counts = new SimulationCounts();
        foreach (var part in parts)
        {
            await part.AddToAsync(counts, cancellationToken);
        }

        return Results.Ok(new CloudSimulationStatus(
            clock.Now,
            counts.OutboxPending,
            counts.OutboxParked,
            counts.EventsOutstanding,
            counts.LocksUnanswered,
            counts.ReadingsAccepted,
            counts.DeviceStates.AsReadOnly()));
    }
}

/// <summary>Section <c>Simulation</c>.</summary>
internal sealed record SimulationOptions
{
    /// <summary>
    /// A simulator moves market time, over <c>/simulation/…</c>, which then exists for callers on this machine.
    /// </summary>
    public bool Enabled { get; init; }
}

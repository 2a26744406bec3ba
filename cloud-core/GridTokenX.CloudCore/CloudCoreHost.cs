using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Metrics;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore;

public static class CloudCoreHost
{
    /// <summary>The whole process, ready to run.</summary>
    /// <param name="args">Settings as <c>--Section:Key=value</c>, beside the environment's <c>Section__Key</c>.</param>
    /// <param name="clock">The real clock; in a simulation it is wall time only.</param>
    /// <param name="replace">What a test puts in place of registered services.</param>
    /// <param name="map">Endpoints that a test adds.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is wrong.</exception>
    /// <exception cref="InvalidOperationException">An endpoint does not say who may call it.</exception>
    public static WebApplication Build(
        string[] args,
        TimeProvider clock,
        Action<IServiceCollection>? replace = null,
        Action<IEndpointRouteBuilder>? map = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        _ = builder.Logging
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)

            // Its messages are made here (Faults), and for its scopes every request would pay.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
        UnknownSettings.Refuse(builder.Configuration);
        var options = builder.Configuration.Load<CloudOptions>("Cloud", CloudOptions.Faults);
        _ = builder.Services.AddSingleton(options).AddSingleton(new WallTime(clock));
        builder.Services.AddCloudMetrics(builder.Configuration);
        builder.AddApi(options);
        builder.Services.AddStorage(options);
        builder.Services.AddSimulation(builder.Configuration, clock);
        builder.Services.AddModules(builder.Configuration);
        replace?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseApi();
        app.MapHealth();
        app.MapMetrics();
        app.MapSimulation();
        app.MapModules();
        map?.Invoke(app);
        ((IEndpointRouteBuilder)app).CheckEveryEndpointHasAccess();
        return app;
    }
}

using GridTokenX.EdgeGateway.Commands;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Ingest;
using GridTokenX.EdgeGateway.Metrics;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Page;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.EdgeGateway.Senses;
using GridTokenX.EdgeGateway.Time;
using GridTokenX.Protocol.Hosting;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>The process: what there is, and in which order it starts.</summary>
public static class GatewayApplication
{
    private const long MaxRequestBytes = 16 * 1024;

    /// <param name="arguments">Settings as <c>--Section:Key value</c>.</param>
    /// <param name="system">The real clock: wall time, and market time outside a simulation.</param>
    /// <param name="isTool">Built to be asked, not to be started: leaves damaged files to the service.</param>
    /// <param name="logging">Where the log goes besides the console.</param>
    /// <exception cref="InvalidConfigurationException">Names every setting that is missing or wrong.</exception>
    public static WebApplication Build(
        string[] arguments, TimeProvider system, bool isTool = false, Action<ILoggingBuilder>? logging = null)
    {
        var builder = WebApplication.CreateSlimBuilder(arguments);
        var options = GatewayOptions.Read(builder.Configuration);
        var key = Secrets.LoadKey(options.KeyFile);
        _ = builder.WebHost.ConfigureKestrel(static server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = MaxRequestBytes;
        });
        _ = builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });
        logging?.Invoke(builder.Logging);
        _ = builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        AddParts(builder.Services, options, key, system, isTool);

        var application = builder.Build();
        _ = application.Use(LocalPage.HardenAsync);
        StatusPage.Map(application, options.IsSimulation);
        LocalPage.Map(application);
        PairingPage.Map(application);

        // They listen from the start.
        _ = application.Services.GetRequiredService<PairingDesk>();
        _ = application.Services.GetRequiredService<BrokerAccess>();
        _ = application.Lifetime.ApplicationStarted.Register(() => Log.Ready(
            application.Logger,
            key.PublicKey,
            string.Join(' ', application.Urls),
            application.Services.GetRequiredService<DeviceDirectory>().Count));
        return application;
    }

    private static ServiceNotifier NotifierOf(GatewayOptions options, ILogger logger) =>
        new(options.NotifySocket, (state, reason) => Log.NotNotified(logger, state, reason));

    private static void AddParts(
        IServiceCollection services, GatewayOptions options, SigningKey key, TimeProvider system, bool isTool)
    {
        _ = services.AddSingleton(options)
            .AddSingleton(_ => key)
            .AddSingleton(new WallTime(system))
            .AddSingleton(new SystemFiles(options.SystemRoot))
            .AddSingleton(provider => NotifierOf(options, provider.GetRequiredService<ILogger<ServiceNotifier>>()))
            .AddSingleton<DatabaseWatch>()
            .AddSingleton(provider => new GatewayDatabase(
                options.Database,
                provider.GetRequiredService<WallTime>(),
                provider.GetRequiredService<DatabaseWatch>(),
                mayReplace: !isTool))
            .AddSingleton<ClockKnowledge>()
            .AddSingleton(provider => new MarketClock(
                options, system, Database(provider), provider.GetRequiredService<ClockKnowledge>()))
            .AddSingleton(provider => new ReadingOutbox(Database(provider), options))
            .AddSingleton(provider => new DeviceHolds(Database(provider)))
            .AddSingleton(provider => new DeviceDirectory(Database(provider)))
            .AddSingleton(provider => new CommandStore(Database(provider)))
            .AddSingleton(provider => new StateStore(Database(provider)))
            .AddSingleton(provider => new ToldStates(provider.GetRequiredService<WallTime>().Clock))
            .AddSingleton(provider => new Settings(Database(provider)))
            .AddSingleton(provider => new CloudClient(
                options,
                key,
                provider.GetRequiredService<WallTime>(),
                provider.GetRequiredService<ClockKnowledge>()))
            .AddSingleton(provider => new StatusLed(
                provider.GetRequiredService<SystemFiles>(), options.StatusLed))
            .AddSingleton<Alarms>()
            .AddSingleton<Refusals>()
            .AddSingleton<Heartbeat>()
            .AddSingleton<DeviceWatch>()
            .AddSingleton<SenseReader>()
            .AddSingleton<Claim>()
            .AddSingleton<HomeBroker>()
            .AddSingleton<CloudBroker>()
            .AddSingleton<TimeAnnouncer>()
            .AddSingleton<Forwarder>()
            .AddSingleton<DatabasePatrol>()
            .AddSingleton<Readiness>()
            .AddSingleton<SenseWatch>()
            .AddSingleton(provider => new PairingStore(Database(provider)))
            .AddSingleton<PairingDesk>()
            .AddSingleton<Ownership>()
            .AddSingleton<PairingCloud>()
            .AddSingleton<PairingWorker>()
            .AddSingleton<BrokerAccess>()
            .AddSingleton<PairingView>()
            .AddSingleton<PairingPage>()
            .AddSingleton<GatewayMetrics>()
            .AddSingleton<PrometheusText>()
            .AddSingleton<SummarySender>()
            .AddSingleton<StatusPage>()
            .AddSingleton<SupportBundle>()
            .AddSingleton<PageSessions>()
            .AddSingleton<DashboardView>()
            .AddSingleton<LocalPage>();

        // The workers listen to the brokers from the start, so the brokers' connections begin after them, and end
        // before them.
        _ = services.AddHostedService<ReadingIngest>()
            .AddHostedService(static provider => provider.GetRequiredService<Forwarder>())
            .AddHostedService(static provider => provider.GetRequiredService<SummarySender>())
            .AddHostedService(static provider => provider.GetRequiredService<DatabasePatrol>())
            .AddHostedService<MetricsExport>()
            .AddHostedService<CommandRelay>()
            .AddHostedService<StateRelay>()
            .AddHostedService(static provider => provider.GetRequiredService<TimeAnnouncer>())
            .AddHostedService<DirectoryRefresher>()
            .AddHostedService<ClaimWorker>()
            .AddHostedService(static provider => provider.GetRequiredService<PairingWorker>())
            .AddHostedService(static provider => provider.GetRequiredService<SenseWatch>())
            .AddHostedService(static provider => provider.GetRequiredService<Readiness>())
            .AddHostedService(static provider => provider.GetRequiredService<HomeBroker>())
            .AddHostedService(static provider => provider.GetRequiredService<CloudBroker>());
    }

    private static GatewayDatabase Database(IServiceProvider provider) =>
        provider.GetRequiredService<GatewayDatabase>();
}

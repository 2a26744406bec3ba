using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Operations;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

internal static class TradingSetup
{
    // A hundred orders with the transactions that their owner has signed.
    private const int MaxBatchBytes = 256 * 1024;

    internal static void AddTrading(this IServiceCollection services, IConfiguration configuration) => _ = services
        .AddSingleton(configuration.Load<TradingOptions>("Trading", TradingOptions.Faults))
        .AddSingleton<OrderPlacement>()
        .AddSingleton<OrderCancellation>()
        .AddSingleton(CreateMarkets)
        .AddSingleton(CreateBalances)
        .AddHostedService<MarketListener>()
        .AddSingleton<TradeHistoryQuery>()
        .AddSingleton<IMarketWorker, ExpiryWorker>()
        .AddSingleton<IMarketWorker, MatchWorker>()
        .AddSingleton<IMarketWorker, IdempotencyPruning>()
        .AddSingleton<IMarketWorker, JournalWorker>()
        .AddSingleton<IChainEffect, OrderIntentEffect>()
        .AddSingleton<IChainEventEffect, OrderEvents>();

    /// <summary>In a simulation nothing hangs on how much real time has passed.</summary>
    private static RememberedBalances CreateBalances(IServiceProvider services) => new(
        services.GetRequiredService<IEnergyChain>(),
        services.GetRequiredService<WallTime>(),
        services.GetRequiredService<SimulationOptions>().Enabled ? TimeSpan.Zero : RememberedBalances.Lifetime);

    private static ZoneMarkets CreateMarkets(IServiceProvider services) => new(
        services.GetRequiredService<NpgsqlDataSource>(),
        services.GetRequiredService<IChainOutbox>(),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<WallTime>(),
        services.GetRequiredService<TradingOptions>(),
        services.GetRequiredService<MarketRules>(),
        services.GetRequiredService<SimulationOptions>().Enabled ? TimeSpan.Zero : ZoneMarkets.Courtesy,
        services.GetRequiredService<ILogger<ZoneMarkets>>(),
        services.GetRequiredService<IMarketFeed>(),
        servesArrivals: !services.GetRequiredService<SimulationOptions>().Enabled);

    internal static void MapTrading(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/api/trading/orders");
        var create = new Lazy<CreateOrderEndpoint>(
            () => ActivatorUtilities.CreateInstance<CreateOrderEndpoint>(
                routes.ServiceProvider,
                routes.ServiceProvider.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions),
            LazyThreadSafetyMode.PublicationOnly);
        _ = orders.MapPost("/create", (RequestDelegate)(context => create.Value.HandleAsync(context)))
            .WithMetadata(new AcceptsMetadata(["application/json"], typeof(CreateOrderRequest)))
            .RequireWallet().RequireIdempotencyKey();
        _ = orders.MapPost("/batch", OrderEndpoints.CreateManyAsync)
            .RequireWallet().RequireIdempotencyKey().WithBodyLimit(MaxBatchBytes).RefusedInMaintenance();
        _ = orders.MapPost("/match", OrderEndpoints.PurchaseAsync)
            .RequireWallet().RequireIdempotencyKey().RefusedInMaintenance();
        _ = orders.MapPost("/cancel", OrderEndpoints.CancelAsync).RequireWallet().RequireIdempotencyKey();
        _ = orders.MapGet("/active", OrderEndpoints.ActiveAsync).AllowPublic().WithETag();
        _ = orders.MapGet("/{id:guid}", OrderEndpoints.OneAsync).RequireWallet();
        _ = routes.MapGet("/api/trading/history", OrderEndpoints.HistoryAsync).RequireWallet();
    }
}

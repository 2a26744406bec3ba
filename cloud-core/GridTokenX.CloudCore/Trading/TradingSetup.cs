using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Simulation;

namespace GridTokenX.CloudCore.Trading;

internal static class TradingSetup
{
    internal static void AddTrading(this IServiceCollection services, IConfiguration configuration) => _ = services
        .AddSingleton(configuration.Load<TradingOptions>("Trading", TradingOptions.Faults))
        .AddSingleton<OrderPlacement>()
        .AddSingleton<OrderCancellation>()
        .AddSingleton<TradeHistoryQuery>()
        .AddSingleton<IMarketWorker, ExpiryWorker>()
        .AddSingleton<IMarketWorker, MatchWorker>()
        .AddSingleton<IMarketWorker, IdempotencyPruning>()
        .AddSingleton<IChainEffect, OrderIntentEffect>()
        .AddSingleton<IChainEventEffect, OrderEvents>();

    internal static void MapTrading(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/api/trading/orders");
        _ = orders.MapPost("/create", OrderEndpoints.CreateAsync).RequireWallet().RequireIdempotencyKey();
        _ = orders.MapPost("/match", OrderEndpoints.PurchaseAsync).RequireWallet().RequireIdempotencyKey();
        _ = orders.MapPost("/cancel", OrderEndpoints.CancelAsync).RequireWallet().RequireIdempotencyKey();
        _ = orders.MapGet("/active", OrderEndpoints.ActiveAsync).AllowPublic();
        _ = orders.MapGet("/{id:guid}", OrderEndpoints.OneAsync).RequireWallet();
        _ = routes.MapGet("/api/trading/history", OrderEndpoints.HistoryAsync).RequireWallet();
    }
}

using GridTokenX.CloudCore.Api;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Primitives;

namespace GridTokenX.CloudCore.Live;

internal static class LiveSetup
{
    internal static void AddLive(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOwnChannels();
        _ = services
            .AddSingleton(configuration.Load<LiveOptions>("Live", LiveOptions.Faults))
            .AddSingleton<ILiveChannel, BookChannel>()
            .AddSingleton<ILiveChannel, TradesChannel>()
            .AddSingleton<ILiveChannel, EpochsChannel>()
            .AddSingleton<LiveChanges>()
            .AddSingleton<LiveLimits>()
            .AddSingleton<LiveHub>()
            .AddSingleton<IMarketFeed>(static provider => provider.GetRequiredService<LiveHub>())
            .AddHostedService(static provider => provider.GetRequiredService<LiveHub>())
            .AddSingleton<LivePurge>()
            .AddHostedService(static provider => provider.GetRequiredService<LivePurge>())
            .AddSingleton<LiveConnections>()
            .AddSingleton<BookEndpoint>()
            .AddSingleton<WebSocketEndpoint>()
            .AddSingleton<EventStreamEndpoint>();
    }

    internal static void MapLive(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/api/market/book", BookEndpoint.GetAsync).AllowPublic();
        _ = routes.MapGet("/ws", static (HttpContext context, WebSocketEndpoint endpoint) =>
            endpoint.AcceptAsync(context)).AllowPublic().WithoutTiming();
        _ = routes.MapGet(
            "/api/live",
            static (HttpContext context, EventStreamEndpoint endpoint, [FromQuery] string[]? topic) =>
                endpoint.StreamAsync(context, new StringValues(topic))).AllowPublic().WithoutTiming();
    }
}

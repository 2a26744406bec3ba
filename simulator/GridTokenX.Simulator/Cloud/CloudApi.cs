using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Simulator.Cloud;

/// <summary>The cloud core's public API, as its users call it.</summary>
internal sealed class CloudApi(ApiClient client)
{
    private static ProtocolJson Json => ProtocolJson.Default;

    public Task<ChainInfo> ChainAsync(CancellationToken cancellationToken) =>
        client.SendAsync(ApiRequest.Get("/api/chain"), Json.ChainInfo, cancellationToken);

    public Task<UserView> RegisterUserAsync(
        RegisterUserRequest user, SigningKey wallet, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Post("/api/users", user, Json.RegisterUserRequest, wallet), Json.UserView, cancellationToken);

    public Task<UserRoles> SetRolesAsync(
        Guid user, RolesRequest roles, SigningKey operatorKey, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Put($"/api/admin/users/{user}/roles", roles, Json.RolesRequest, operatorKey),
            Json.UserRoles,
            cancellationToken);

    public Task<UserView> UserAsync(SigningKey user, CancellationToken cancellationToken) =>
        client.SendAsync(ApiRequest.Get("/api/users/me", user), Json.UserView, cancellationToken);

    public Task<MeterView> MeterAsync(string meter, SigningKey owner, CancellationToken cancellationToken) =>
        client.SendAsync(ApiRequest.Get($"/api/meters/{meter}", owner), Json.MeterView, cancellationToken);

    public Task<byte[]> RegisterGatewayAsync(
        RegisterGatewayRequest gateway, SigningKey operatorKey, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Post("/api/gateways", gateway, Json.RegisterGatewayRequest, operatorKey), cancellationToken);

    public Task<RegisterMeterResponse> RegisterMeterAsync(
        RegisterMeterRequest meter, SigningKey wallet, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Post("/api/meters", meter, Json.RegisterMeterRequest, wallet),
            Json.RegisterMeterResponse,
            cancellationToken);

    public Task<byte[]> GrantAsync(
        GrantRequest grant, SigningKey operatorKey, string idempotencyKey, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Post("/api/operator/grants", grant, Json.GrantRequest, operatorKey, idempotencyKey),
            cancellationToken);

    public Task<WalletBalances> BalancesAsync(Key32 wallet, SigningKey owner, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Get($"/api/wallets/{wallet}/balances", owner),
            Json.WalletBalances,
            cancellationToken);

    public Task<OrderView> PlaceOrderAsync(
        CreateOrderRequest order, SigningKey wallet, string idempotencyKey, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Post("/api/trading/orders/create", order, Json.CreateOrderRequest, wallet, idempotencyKey),
            Json.OrderView,
            cancellationToken);

    public Task<OrderList> ListedSellOrdersAsync(string zone, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Get($"/api/trading/orders/active?side=sell&zone={zone}&limit=20"),
            Json.OrderList,
            cancellationToken);

    public Task<MarketData> MarketAsync(string zone, CancellationToken cancellationToken) =>
        client.SendAsync(ApiRequest.Get($"/api/market/data?zone={zone}&levels=0"), Json.MarketData, cancellationToken);

    public Task<EpochList> EpochAsync(long number, string zone, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Get($"/api/market/epochs/{number}?zone={zone}"), Json.EpochList, cancellationToken);

    /// <summary>Newest first.</summary>
    /// <param name="zone">Whose.</param>
    /// <param name="cursor">Of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<EpochList> EpochsAsync(string zone, string? cursor, CancellationToken cancellationToken)
    {
        var from = cursor is null ? string.Empty : $"&cursor={Uri.EscapeDataString(cursor)}";
        return client.SendAsync(
            ApiRequest.Get($"/api/market/epochs?zone={zone}&limit=500{from}"), Json.EpochList, cancellationToken);
    }

    public Task<byte[]> TakeOrderAsync(
        MatchOrderRequest purchase, SigningKey wallet, string idempotencyKey, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Post("/api/trading/orders/match", purchase, Json.MatchOrderRequest, wallet, idempotencyKey),
            cancellationToken);

    public Task<byte[]> CancelOrderAsync(
        Guid order, SigningKey wallet, string idempotencyKey, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Post(
                "/api/trading/orders/cancel",
                new CancelOrderRequest(order),
                Json.CancelOrderRequest,
                wallet,
                idempotencyKey),
            cancellationToken);

    public Task<CloudSimulationStatus> StatusAsync(CancellationToken cancellationToken) =>
        client.SendAsync(ApiRequest.Get("/simulation/status"), Json.CloudSimulationStatus, cancellationToken);

    public Task<byte[]> AdvanceAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Post("/simulation/advance", new AdvanceRequest(now), Json.AdvanceRequest), cancellationToken);

    public Task<OperatorReport> ReportAsync(SigningKey operatorKey, CancellationToken cancellationToken) =>
        client.SendAsync(ApiRequest.Get("/api/operator/report", operatorKey), Json.OperatorReport, cancellationToken);

    public Task<LinkList> LinksAsync(SigningKey operatorKey, CancellationToken cancellationToken) =>
        client.SendAsync(ApiRequest.Get("/api/operator/links", operatorKey), Json.LinkList, cancellationToken);

    public Task<ReconciliationReport> ReconcileAsync(SigningKey operatorKey, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Get("/api/operator/reconciliation", operatorKey), Json.ReconciliationReport, cancellationToken);
}

/// <summary>The gateway's local API.</summary>
internal sealed class GatewayApi(ApiClient client)
{
    public Task<GatewayStatus> StatusAsync(CancellationToken cancellationToken) =>
        client.SendAsync(ApiRequest.Get("/status"), ProtocolJson.Default.GatewayStatus, cancellationToken);

    public Task<byte[]> SetTimeAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        client.SendAsync(
            ApiRequest.Post("/simulation/time", new AdvanceRequest(now), ProtocolJson.Default.AdvanceRequest),
            cancellationToken);
}

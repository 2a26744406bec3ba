using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.CloudCore.Api;

/// <summary>What the code of an endpoint does not say of itself.</summary>
/// <param name="Summary">One sentence.</param>
/// <param name="Answer">What it answers with; null for nothing, or for what is no message of ours.</param>
/// <param name="Codes">Problems of its own, beside those that its kind of endpoint has anyway.</param>
internal sealed record ApiOperation(string Summary, Type? Answer, params string[] Codes)
{
    internal int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Another status with the same answer.</summary>
    internal int? OtherStatus { get; init; }

    /// <summary>Where the handler reads the body by itself.</summary>
    internal Type? Body { get; init; }

    /// <summary>Where it is not JSON.</summary>
    internal string? MediaType { get; init; }
}

/// <summary>Every operation by method and address; a test finds the one that is missing.</summary>
internal static class OpenApiOperations
{
    private static readonly string[] OrderCodes =
    [
        ProblemCodes.InvalidOrder, ProblemCodes.Forbidden, ProblemCodes.InvalidAmount, ProblemCodes.InvalidPrice,
        ProblemCodes.PriceOutOfBounds, ProblemCodes.TransactionRequired, ProblemCodes.InvalidTransaction,
        ProblemCodes.InvalidTimeInForce, ProblemCodes.InvalidExpiry, ProblemCodes.InvalidWallet,
        ProblemCodes.UserNotVerified, ProblemCodes.UnknownZone,
        ProblemCodes.NotYetOnChain, ProblemCodes.OrderIdUsed, ProblemCodes.TooManyOrders,
        ProblemCodes.InsufficientBalance, ProblemCodes.ChainUnavailable, ProblemCodes.MarketBusy,
        ProblemCodes.Maintenance,
    ];

    private static readonly string[] MeterCodes =
    [
        ProblemCodes.BadConsent, ProblemCodes.UnknownGateway, ProblemCodes.GatewayClaimed, ProblemCodes.TooManyMeters,
        ProblemCodes.MeterRegistered, ProblemCodes.MeterRevoked, ProblemCodes.DeviceRegistered,
        ProblemCodes.PairingClosed, ProblemCodes.NotFound, ProblemCodes.Forbidden,
    ];

    private static readonly string[] PurchaseCodes =
        [ProblemCodes.UnknownOrder, ProblemCodes.OrderNotActive, ProblemCodes.SelfTradingNotAllowed];

    private static readonly string[] ReadingCodes =
    [
        ProblemCodes.MalformedReading, ProblemCodes.UnknownDevice, ProblemCodes.UserNotVerified,
        ProblemCodes.InvalidWallet, ProblemCodes.BadSignature, ProblemCodes.TimeNotSynchronised,
        ProblemCodes.TooOld, ProblemCodes.InFuture, ProblemCodes.SequenceReused, ProblemCodes.RegisterRegression,
        ProblemCodes.RateLimited, ProblemCodes.EnergyOutOfRange, ProblemCodes.AmountMismatch,
        ProblemCodes.DeviceRevoked, ProblemCodes.DeviceReplaced, ProblemCodes.DeviceMoved,
    ];

    private static readonly Dictionary<string, ApiOperation> Table = new(StringComparer.Ordinal)
    {
        ["GET /health"] = new("Whether the process lives", null),
        ["GET /health/ready"] = new("Whether everything that it needs is there; 503 when not", null),
        ["GET /api/openapi.json"] = new("This document", null),
        ["POST /simulation/advance"] = new(
            "Sets market time", typeof(CloudSimulationStatus), ProblemCodes.ClockBehind, ProblemCodes.Forbidden),
        ["GET /simulation/status"] = new(
            "What is under way at this market time", typeof(CloudSimulationStatus), ProblemCodes.Forbidden),

        ["POST /api/auth/nonce"] = new("The message that a wallet signs to sign in", typeof(SignInMessageView)),
        ["POST /api/auth/wallet"] = new(
            "Signs in with a signed message",
            typeof(SessionTokens),
            ProblemCodes.SignInFailed,
            ProblemCodes.SignInLocked),
        ["POST /api/auth/register"] = new(
            "Registers an e-mail address; the answer is the same for a known one",
            null,
            ProblemCodes.WeakPassword,
            ProblemCodes.SignInLocked)
        {
            Status = StatusCodes.Status202Accepted,
        },
        ["POST /api/auth/verify"] = new(
            "Makes the account, with the code of the letter and the password of that registration",
            null,
            ProblemCodes.OneTimeTokenInvalid,
            ProblemCodes.SignInLocked)
        {
            Status = StatusCodes.Status204NoContent,
        },
        ["POST /api/auth/password"] = new(
            "Signs in with e-mail address and password",
            typeof(SessionTokens),
            ProblemCodes.SignInFailed,
            ProblemCodes.SignInLocked),
        ["POST /api/auth/password/forgot"] = new(
            "Asks for a letter with a code for a new password", null, ProblemCodes.SignInLocked)
        {
            Status = StatusCodes.Status202Accepted,
        },
        ["POST /api/auth/password/reset"] = new(
            "Sets a new password with the code of the letter, and ends all sessions",
            null,
            ProblemCodes.OneTimeTokenInvalid,
            ProblemCodes.WeakPassword,
            ProblemCodes.SignInLocked)
        {
            Status = StatusCodes.Status204NoContent,
        },
        ["POST /api/auth/password/change"] = new(
            "Changes the password, and ends all other sessions",
            null,
            ProblemCodes.NotFound,
            ProblemCodes.Forbidden,
            ProblemCodes.WeakPassword,
            ProblemCodes.SignInLocked)
        {
            Status = StatusCodes.Status204NoContent,
        },
        ["POST /api/auth/refresh"] = new(
            "New tokens for a refresh token, in the body or in the cookie with its X-CSRF-Token",
            typeof(SessionTokens),
            ProblemCodes.RefreshTokenInvalid,
            ProblemCodes.CsrfTokenMissing),
        ["POST /api/auth/sign-out"] = new("Ends this session", null)
        {
            Status = StatusCodes.Status204NoContent,
        },
        ["GET /api/auth/me"] = new("Who the request comes from", typeof(WhoAmI)),
        ["GET /api/auth/sessions"] = new("One's sessions, newest first", typeof(SessionList)),
        ["DELETE /api/auth/sessions/{id}"] = new("Ends one of one's sessions", null, ProblemCodes.NotFound)
        {
            Status = StatusCodes.Status204NoContent,
        },
        ["PUT /api/admin/users/{id}/roles"] = new(
            "Sets all further roles of a user", typeof(UserRoles), ProblemCodes.NotFound),
        ["GET /api/admin/letters"] = new("Letters that nobody has delivered", typeof(LetterList)),
        ["GET /api/operator/audit"] = new("The audit log, newest first", typeof(AuditPage)),
        ["GET /api/operator/audit/verify"] = new("Reads the whole audit log and verifies it", typeof(AuditReport)),

        ["POST /api/users"] = new(
            "Registers the signer; the same again gives the same answer",
            typeof(UserView),
            ProblemCodes.WalletRegistered)
        {
            Status = StatusCodes.Status201Created,
            OtherStatus = 200,
        },
        ["GET /api/users/me"] = new("The signer's registration", typeof(UserView), ProblemCodes.NotFound),
        ["POST /api/users/{id}/verify"] = new("Verifies a user", typeof(UserView), ProblemCodes.NotFound),
        ["POST /api/wallets/export"] = new(
            "The secret of the signer's managed wallet, sealed to the access key",
            typeof(WalletExport),
            ProblemCodes.NotFound,
            ProblemCodes.WalletNotManaged,
            ProblemCodes.SignatureRequired),
        ["GET /api/wallets/{wallet}/balances"] = new(
            "What a wallet holds",
            typeof(WalletBalances),
            ProblemCodes.NotFound,
            ProblemCodes.Forbidden,
            ProblemCodes.ChainUnavailable),
        ["GET /api/balances"] = new(
            "What one's own wallet holds", typeof(WalletBalances), ProblemCodes.ChainUnavailable),

        ["POST /api/gateways/claims"] = new(
            "A code by which a gateway becomes the signer's",
            typeof(MadeClaim),
            ProblemCodes.Forbidden,
            ProblemCodes.TooManyClaims),
        ["POST /api/gateways/{gateway}/claim"] = new(
            "The gateway names the code of its owner",
            typeof(ClaimedGateway),
            ProblemCodes.UnknownClaim,
            ProblemCodes.ClaimExpired,
            ProblemCodes.ClaimUsed,
            ProblemCodes.GatewayClaimed,
            ProblemCodes.TooManyGateways,
            ProblemCodes.TooManyAttempts),
        ["POST /api/gateways/{gateway}/release"] = new(
            "The gateway is nobody's again",
            null,
            ProblemCodes.NotFound,
            ProblemCodes.Forbidden,
            ProblemCodes.GatewayInUse)
        {
            Status = StatusCodes.Status204NoContent,
        },
        ["POST /api/gateways/{gateway}/meters"] = new(
            "The gateway registers a meter for its owner", typeof(RegisterMeterResponse), MeterCodes),
        ["POST /api/gateways/{gateway}/devices/{device}/confirm"] = new(
            "Asks the device for a proof that it has the command key",
            typeof(PairingProof),
            ProblemCodes.UnknownDevice),
        ["POST /api/gateways/{gateway}/summary"] = new(
            "How the gateway is, and what its devices last said", typeof(SummaryReceipt)),
        ["GET /api/gateways"] = new(
            "One's gateways with their health; all of them for an operator",
            typeof(GatewayList),
            ProblemCodes.NotFound,
            ProblemCodes.Forbidden),
        ["GET /api/gateways/{gateway}"] = new(
            "A gateway, its health and its devices",
            typeof(GatewayView),
            ProblemCodes.NotFound,
            ProblemCodes.Forbidden),
        ["POST /api/meters/{meterId}/revoke"] = new(
            "Takes a meter out of service, for good", null, ProblemCodes.NotFound, ProblemCodes.Forbidden)
        {
            Status = StatusCodes.Status204NoContent,
        },
        ["POST /api/gateways"] = new("Registers a gateway, or names it anew", typeof(RegisterGatewayRequest)),
        ["GET /api/gateways/{gateway}/devices"] = new(
            "The devices that the gateway speaks for", typeof(IReadOnlyList<GatewayDevice>)),
        ["POST /api/gateways/{gateway}/readings"] = new(
            "At most 500 readings; each has its result",
            typeof(ReadingBatchResponse))
        {
            Body = typeof(SignedReading),
        },
        ["POST /api/meters"] = new(
            "Registers a meter; the same again gives the same answer",
            typeof(RegisterMeterResponse),
            MeterCodes),
        ["GET /api/meters"] = new(
            "One's meters", typeof(MeterList), ProblemCodes.NotFound, ProblemCodes.Forbidden),
        ["GET /api/meters/{meterId}"] = new(
            "A meter", typeof(MeterView), ProblemCodes.NotFound, ProblemCodes.Forbidden),
        ["POST /api/meters/submit-reading"] = new(
            "A reading that its meter has signed", typeof(ReadingResult), ReadingCodes),
        ["GET /api/readings"] = new(
            "One's readings, newest first; CSV by Accept or format=csv, its next cursor in Next-Cursor",
            typeof(ReadingList),
            ProblemCodes.NotFound,
            ProblemCodes.Forbidden),
        ["GET /api/mints"] = new(
            "GRID minted for one's meters", typeof(MintList), ProblemCodes.NotFound, ProblemCodes.Forbidden),

        ["POST /api/trading/orders/prepare"] = new(
            "The transaction of an order, to be signed by the wallet",
            typeof(PreparedOrder),
            [.. OrderCodes, .. PurchaseCodes]),
        ["POST /api/trading/orders/create"] = new("Places an order", typeof(OrderView), OrderCodes),
        ["POST /api/trading/orders/batch"] = new(
            "Places orders of one wallet, each taken or refused by itself", typeof(PlacedOrders), OrderCodes),
        ["POST /api/trading/orders/match"] = new(
            "Takes a listed sell order, whole or in part",
            typeof(OrderView),
            [.. OrderCodes, .. PurchaseCodes]),
        ["POST /api/trading/orders/cancel"] = new(
            "Cancels one's order",
            typeof(OrderView),
            ProblemCodes.UnknownOrder,
            ProblemCodes.Forbidden,
            ProblemCodes.OrderNotActive,
            ProblemCodes.MarketBusy),
        ["GET /api/trading/orders"] = new(
            "One's orders, newest first", typeof(OwnOrderList), ProblemCodes.NotFound, ProblemCodes.Forbidden),
        ["GET /api/trading/orders/active"] = new("What is offered and asked for, best first", typeof(OrderList)),
        ["GET /api/trading/orders/{id}"] = new(
            "An order", typeof(OrderView), ProblemCodes.UnknownOrder, ProblemCodes.Forbidden),
        ["GET /api/trading/history"] = new(
            "One's trades, newest first", typeof(TradeHistory), ProblemCodes.NotFound, ProblemCodes.Forbidden),
        ["GET /api/settlements"] = new(
            "One's settlements, newest first", typeof(SettlementList), ProblemCodes.NotFound, ProblemCodes.Forbidden),
        ["GET /api/locks"] = new(
            "What one's devices hold for sell orders", typeof(LockList), ProblemCodes.NotFound, ProblemCodes.Forbidden),

        ["GET /api/market/book"] = new("The order book of a zone by price level", typeof(BookView)),
        ["GET /api/market/data"] = new(
            "How a zone's market stands", typeof(MarketData), ProblemCodes.UnknownZone),
        ["GET /api/market/history"] = new(
            "Prices of a zone by epoch, newest first", typeof(PriceHistoryPage)),
        ["GET /api/carbon"] = new(
            "CO2 that one's purchases have spared, newest first",
            typeof(CarbonView),
            ProblemCodes.NotFound,
            ProblemCodes.Forbidden),
        ["GET /api/yields"] = new(
            "What one's sales yield, newest first",
            typeof(YieldView),
            ProblemCodes.NotFound,
            ProblemCodes.Forbidden),
        ["GET /api/market/epochs"] = new("Epochs, newest first", typeof(EpochList)),
        ["GET /api/market/epochs/{number}"] = new("One epoch in every zone", typeof(EpochList), ProblemCodes.NotFound),
        ["GET /api/chain"] = new(
            "Programs and accounts on chain, fee and bounds", typeof(ChainInfo), ProblemCodes.ChainUnavailable),
        ["GET /api/web"] = new("What the web page is to offer here", typeof(WebSettings)),
        ["GET /api/neighbourhood"] = new(
            "How a zone's homes are at the moment", typeof(NeighbourhoodView), ProblemCodes.UnknownZone),
        ["POST /api/web/welcome"] = new(
            "Some GRX for a newcomer on a test net, once",
            typeof(GrantView),
            ProblemCodes.Forbidden,
            ProblemCodes.NotFound)
        {
            Status = StatusCodes.Status202Accepted,
        },
        ["GET /api/live"] = new(
            "Live data as server-sent events; topics are channel or channel:zone",
            null,
            ProblemCodes.TooManyConnections)
        {
            MediaType = "text/event-stream",
        },
        ["GET /ws"] = new(
            "Live data as a WebSocket; see docs/PROTOCOL.md", null, ProblemCodes.TooManyConnections)
        {
            Status = StatusCodes.Status101SwitchingProtocols,
        },

        ["POST /api/operator/grants"] = new(
            "New GRX for a wallet, on a test net",
            typeof(GrantView),
            ProblemCodes.InvalidAmount,
            ProblemCodes.InvalidWallet)
        {
            Status = StatusCodes.Status202Accepted,
        },
        ["GET /api/operator/outbox"] = new("Transactions for the chain, oldest first", typeof(OutboxPage)),
        ["POST /api/operator/outbox/{id}/retry"] = new(
            "Tries a transaction again", typeof(OutboxEntry), ProblemCodes.NotFound),
        ["POST /api/operator/outbox/{id}/park"] = new(
            "Sets a transaction aside until somebody retries it", typeof(OutboxEntry), ProblemCodes.NotFound),
        ["GET /api/operator/health"] = new("How every part is", typeof(OperationsHealth)),
        ["GET /api/operator/devices"] = new("Every device, by meter", typeof(DeviceList)),
        ["GET /api/operator/users"] = new("Users, the newest first", typeof(UserList)),
        ["GET /api/operator/maintenance"] = new("Whether new orders are refused", typeof(MaintenanceView)),
        ["PUT /api/operator/maintenance"] = new(
            "Has new orders refused, or taken again", typeof(MaintenanceView)),
        ["GET /api/operator/reconciliation"] = new(
            "The database against the chain", typeof(ReconciliationReport), ProblemCodes.ChainUnavailable),
        ["GET /api/operator/metrics"] = new("Metrics, as Prometheus reads them", null)
        {
            MediaType = "text/plain",
        },
        ["GET /metrics"] = new("The same for this machine alone", null, ProblemCodes.Forbidden)
        {
            MediaType = "text/plain",
        },
        ["GET /api/operator/report"] = new("Totals since the beginning", typeof(OperatorReport)),
        ["GET /api/operator/links"] = new("Ways between zones, and what they have carried", typeof(LinkList)),
    };

    internal static ApiOperation? Of(string method, string path) => Table.GetValueOrDefault($"{method} {path}");

    internal static IReadOnlyCollection<string> Described => Table.Keys;
}

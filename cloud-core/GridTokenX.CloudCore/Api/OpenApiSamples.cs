using System.Text.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.CloudCore.Api;

/// <summary>An example of each message, made of the message's own type so that it cannot be a wrong one.</summary>
internal static class OpenApiSamples
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = new("0197275b-a1c0-7bd5-8a2e-3d6f0c9b1e42");
    private static readonly Guid OtherId = new("0197275b-a1c1-7f10-9c3d-5a7e2b8d4f61");
    private static readonly Key32 Wallet = Key32.Parse("7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q");
    private static readonly Key32 Device = Key32.Parse("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin");
    private static readonly byte[] Signature = [.. Enumerable.Range(1, 64).Select(static n => (byte)n)];
    private static readonly string Proof = Protocol.Wire.Base58.Encode(Signature);
    private static readonly OrderOwner Owner = new(Wallet, "Solar Home A", "prosumer");

    private static readonly OrderView Order = new(
        Id,
        "sell",
        Owner,
        "zone-1",
        10m,
        7.5m,
        3m,
        22.5m,
        "partially_filled",
        Noon,
        Noon.AddMinutes(30),
        "4711",
        null,
        [new OrderProof("escrowed", Proof, Noon)]);

    private static readonly EpochView Epoch = new(
        202606011200,
        "zone-1",
        Noon,
        Noon.AddMinutes(15),
        "cleared",
        3.05m,
        12.5m,
        4,
        3.2m,
        3m,
        5m,
        Fairness: new EpochFairness(0.98m, 1m, 0.55m, 0.02m, 0.62m, 0.8m, 31m, 40m, 12, 12));

    private static readonly SettlementView Settlement = new(
        Id, "42", OtherId, "sold", 202606011200, "zone-1", 2.5m, 7.5m, 0.075m, 7.425m, "completed", Proof, Noon, Noon);

    private static readonly MeterView Meter = new(
        "MTR-000001", Device, Wallet, "zone-1", 96, Noon, 25m, 10m, 15m, true, Wallet, true, "7KQ2-M0XV-9TDA");

    private static readonly UserView User = new(Id, "Solar Home A", "prosumer", Wallet, Wallet, true, true);

    private static readonly OutboxEntry Outbox = new(
        17,
        Id,
        "settle_trade",
        JsonDocument.Parse("{}").RootElement.Clone(),
        "parked",
        10,
        Noon,
        null,
        "refused",
        Noon);

    private static readonly TradeView Trade = new(
        Id, "bought", Owner, 2.5m, 3m, 7.5m, 0.075m, "settled", Proof, Noon);

    private static readonly DeviceSummary Newest = new(Device, true, 96, Noon, 873, null);

    private static readonly BookLevel Bid = new("buy", 2.9m, 4m, 2);
    private static readonly BookLevel Ask = new("sell", 3m, 7.5m, 1);

    private static readonly AuditEntryView Audit = new(
        1, Noon, Wallet.ToString(), "sign_in", Id.ToString(), "wallet", "203.0.113.7", new string('0', 64));

    private static readonly SignedReading Reading = new()
    {
        Device = Device,
        Sequence = 96,
        Timestamp = Noon,
        ProductionWh = 25_000,
        ConsumptionWh = 10_000,
        SocPermille = 873,
        Flags = 0,
        IntervalSeconds = 900,
        Signature = Signature,
    };

    private static readonly Dictionary<Type, object> All = new object[]
    {
        new Problem("urn:gridtokenx:problem:unknown_order", "There is no such order.", 404, "unknown_order", null),
        new AdvanceRequest(Noon),
        new CloudSimulationStatus(Noon, 0, 0, 0, 0, 96, new Dictionary<string, long> { [Device.ToString()] = 3 }),

        new NonceRequest(Wallet),
        new SignInMessageView("grid.example wants you to sign in …", "3yZe7d", Noon.AddMinutes(5)),
        new WalletSignInRequest(Wallet, "grid.example wants you to sign in …", Signature, true),
        new RegisterAccountRequest("somchai@example.org", "correct horse 42", "Somchai", "consumer"),
        new VerifyAccountRequest("q0t5nVbX", "correct horse 42"),
        new PasswordSignInRequest("somchai@example.org", "correct horse 42", true),
        new ForgotPasswordRequest("somchai@example.org"),
        new ResetPasswordRequest("q0t5nVbX", "another pass 77"),
        new ChangePasswordRequest("correct horse 42", "another pass 77"),
        new RefreshRequest("bXkgcmVmcmVzaCB0b2tlbg"),
        new SessionTokens("eyJhbGciOiJFUzI1NiJ9…", Noon.AddMinutes(10), null, "x3Jp", Id, Wallet, ["consumer"]),
        new WhoAmI(Wallet, Id, ["consumer"], OtherId),
        new SessionList([new SessionView(Id, "wallet", Noon, Noon, Noon.AddDays(30), "203.0.113.7", "Firefox", true)]),
        new RolesRequest(["operator"]),
        new UserRoles(Id, ["consumer", "operator"]),
        new LetterList([new LetterView(Id, "somchai@example.org", "Your registration", "…", Noon)]),
        new AuditPage([Audit], null),
        new AuditReport(true, 1, null, new string('0', 64)),

        new RegisterUserRequest("Solar Home A", "prosumer", "managed"),
        User,
        new WalletExport(Wallet, new byte[112], Noon),
        new WalletBalances(Wallet, 12m, 100m, 5m, 0m),
        new RegisterGatewayRequest(Device, "Gateway of Soi 4"),
        new MakeClaimRequest("Ann's home", "zone-1"),
        new MadeClaim("GTX-7KQ2-M0XV-9TDA", Noon.AddMinutes(15)),
        new ClaimGatewayRequest("GTX-7KQ2-M0XV-9TDA"),
        new ClaimedGateway(Device, "Ann's home", "zone-1", Wallet, Noon.AddMinutes(15)),
        new PairMeterRequest("MTR-000001", Device, Signature),
        new PairingProof(Device, true),
        new GatewaySummary(Noon, 3, Noon.AddMinutes(-45), 0, ["uplink"], [Newest], "1.0.0"),
        new SummaryReceipt(Noon),
        new GatewayView(
            Wallet,
            "Gateway of Soi 4",
            "zone-1",
            Wallet,
            null,
            new GatewayHealth(Noon, 0, 3, Noon.AddMinutes(-45), 0, ["uplink"], "1.0.0"),
            [new GatewayDeviceView(Device, "MTR-000001", true, false, 96, Newest)]),
        new GatewayList(
            [
                new GatewayListing(
                    Wallet,
                    "Gateway of Soi 4",
                    "zone-1",
                    Wallet,
                    null,
                    new GatewayHealth(Noon, 0, 3, Noon.AddMinutes(-45), 0, ["uplink"], "1.0.0"),
                    4,
                    3),
            ],
            null),
        new UserList([User], null),
        new DeviceList(
            [
                new DeviceListing(
                    Device, "MTR-000001", "zone-1", Wallet, "Solar Home A", Wallet, true, null, 96, Noon, Newest),
            ],
            null),
        new OperationsHealth(
            "degraded",
            [new PartHealth("outbox", "degraded", "3 under way, 1 parked, 0 refused")],
            new MaintenanceView(false, null, null, null),
            12),
        new MaintenanceView(true, "The chain is being upgraded until 14:00.", Noon, Wallet),
        new MaintenanceRequest(true, "The chain is being upgraded until 14:00."),
        new ParkRequest("The receiver asks to wait."),
        new GatewayDevice[] { new(Device, "MTR-000001") },
        Reading,
        new ReadingBatchResponse([new ReadingResult(Device, 96, ReadingResult.Accepted, null)]),
        new RegisterMeterRequest("MTR-000001", Device, "zone-1", Wallet, Signature),
        new RegisterMeterResponse("MTR-000001", Device, Wallet, "7KQ2-M0XV-9TDA"),
        new MeterList([Meter]),
        Meter,
        new SubmitReadingRequest(
            "MTR-000001", Wallet, 1.5m, Noon, Signature, Device, 96, 25_000, 10_000, 873, 0, 900),
        new ReadingResult(Device, 96, ReadingResult.Accepted, null),
        new ReadingList([new ReadingView("MTR-000001", 96, Noon, 25m, 10m, 873, 0, 900)], null),
        new MintList([new MintView(Id, "MTR-000001", 1.5m, "completed", Proof, Noon, Noon)], null),

        new PrepareOrderRequest("sell", 10m, 3m),
        new PreparedOrder("4711", "AQAA", "AQAB", Wallet, 10m, 3m, Noon.AddMinutes(30), 123_456),
        new CreateOrderRequest(10m, 3m, SellerWallet: Wallet, TimeInForce: "gtc"),
        new PlaceOrdersRequest([new CreateOrderRequest(10m, 3m, SellerWallet: Wallet, TimeInForce: "fok")]),
        new PlacedOrders(
        [
            new PlacedOrder(0, Order, null, null),
            new PlacedOrder(1, null, ProblemCodes.InvalidPrice, "Above 0 GRX per kWh, six decimals."),
        ]),
        new MatchOrderRequest(Wallet, Id, 2.5m, TimeInForce: "ioc"),
        new CancelOrderRequest(Id),
        Order,
        new OwnOrderList([Order], null),
        new OrderList([Order]),
        new TradeHistory([Trade], null),
        new SettlementList([Settlement], null),
        new LockList([new LockView(Id, Device, 2.5m, 2.5m, 0m, "acknowledged", null, Noon.AddMinutes(45))], null),

        new WebSettings(false, 10m, null, false),
        new NeighbourhoodView(
            "zone-1", Noon, 12, 12, 7, 3.1m, 4m, 640, [new NeighbourhoodSeller("Solar Home A", 7.5m, true)]),

        new BookView("zone-1", [Bid], [Ask]),
        new EpochList([Epoch]),
        new MarketData(
            "zone-1",
            Noon,
            "continuous",
            202606011200,
            Noon.AddMinutes(15),
            3.05m,
            Noon,
            3.05m,
            3.2m,
            3m,
            12.5m,
            4,
            new IndicativeAuction(3m, 4m, -3.5m),
            new DynamicPriceView(2.95m, Noon, true, 640, 1_020, 980, 1_000),
            2.2m,
            4.5m,
            [new PriceLevel(2.9m, 4m, 2)],
            [new PriceLevel(3m, 7.5m, 1)]),
        new PriceHistoryPage(
            [new PriceBarView(202606011200, Noon, "cleared", 3m, 3.2m, 3m, 3.1m, 3.05m, 12.5m, 4)], null),
        new CarbonView(2_050, 0, [new CarbonCredit(Id, 2.5m, 2_050, "credited", Noon)], null),
        new YieldView(
            0.001m, 0.0005m, 0.0005m, [new YieldEntry(Id, 0.375m, 0.375m, 0.001m, 0.0005m, "accruing", Noon)], null),
        new ChainInfo(
            new UriBuilder(Uri.UriSchemeHttps, "rpc.example").Uri.ToString(),
            Wallet,
            Wallet,
            Wallet,
            Wallet,
            Wallet,
            Wallet,
            Wallet,
            Wallet,
            Wallet,
            100,
            1,
            10_000_000,
            3600),
        new GrantRequest(Wallet, 100m),
        new GrantView(Id, Wallet, 100m, "pending"),
        Outbox,
        new OutboxPage([Outbox], null),
        new ReconciliationReport(true, 12, 0, [], []),
        new LinkList([new LinkView("hill", "bay", new LinkTerms(0.5m, 50_000, 1), 1, 600, 30, 1_200_000, 285_000)]),
        new OperatorReport(
            new ReadingTotals(96, new Dictionary<string, long> { ["too_old"] = 1 }),
            new EnergyTotals(25_000, 10_000, 15_000, 15_000, 0),
            new OrderTotals(1, 1, 1, 0, 0, 0, 0),
            1,
            new EpochTotals(1, 1),
            new SettlementTotals(1, 0, 0, 7_500_000, 75_000),
            new LockTotals(0, 1, 1, 0, 1, 0),
            new ChainTotals(12, 0, 0),
            new MarketTotals(0.98m, 1m),
            new EffectTotals(2_050, 0, 2_500, 18_750, 7_500, 0, 11_250, 0, 0, 0)),
    }.ToDictionary(static sample => sample.GetType());

    /// <summary>Null when there is none.</summary>
    internal static object? Of(Type type) => All.TryGetValue(type, out var sample)
        ? sample
        : All.Values.FirstOrDefault(type.IsInstanceOfType);
}

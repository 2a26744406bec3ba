using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>The endpoints over HTTP: who may call them, how a body is read, what an answer looks like.</summary>
public sealed class TradingEndpointTests : IAsyncLifetime
{
    private readonly FakeChain _chain = new();
    private CloudHost _host = null!;
    private VirtualHome _seller = null!;
    private VirtualHome _buyer = null!;

    public async Task InitializeAsync()
    {
        _host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Solana:RpcUrl"] = "http://127.0.0.1:9" },
            Replace = services =>
            {
                _ = services.RemoveAll<IEnergyChain>().AddSingleton<IEnergyChain>(_chain);
                foreach (var service in services.Where(static service =>
                    service.ServiceType == typeof(IHostedService)
                    && service.ImplementationType?.Namespace == typeof(OutboxSender).Namespace).ToList())
                {
                    _ = services.Remove(service);
                }
            },
        });
        _seller = await VirtualHome.RegisteredAsync(_host, wallet: "managed");
        _buyer = await VirtualHome.RegisteredAsync(_host, wallet: "managed");
        _chain.Give(_seller.Address, 10_000, 0);
        _chain.Give(_buyer.Address, 0, 100_000_000);
        await RegisterOnChainAsync(_seller);
        await RegisterOnChainAsync(_buyer);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Orders_of_one_request_are_answered_each_by_itself()
    {
        var request = new PlaceOrdersRequest(
        [
            new CreateOrderRequest(1.5m, 4.25m, SellerWallet: _seller.Address),
            new CreateOrderRequest(1.5m, 4.25m, SellerWallet: _buyer.Address),
            new CreateOrderRequest(2m, 4m, SellerWallet: _seller.Address),
        ]);
        var placed = await SendAsync(_seller.Wallet, "/batch", request, "many")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.PlacedOrders);

        placed.Results.Select(static result => (result.Position, result.Code))
            .ShouldBe([(0, null), (1, ProblemCodes.Forbidden), (2, null)]);
        placed.Results[0].Order!.AmountKwh.ShouldBe(1.5m);
        placed.Results[2].Order!.PricePerKwh.ShouldBe(4m);
        await SendAsync(_seller.Wallet, "/batch", new PlaceOrdersRequest([]), "none")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        await SendAsync(
            _seller.Wallet, "/batch", new PlaceOrdersRequest([.. Enumerable.Repeat(request.Orders[0], 101)]), "more")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
    }

    [Fact]
    public async Task Sell_order_is_taken_listed_bought_and_shown_in_both_histories()
    {
        var ask = await PlaceAsync(
            _seller, new CreateOrderRequest(1.5m, 4.25m, SellerWallet: _seller.Address));
        ask.Status.ShouldBe("pending");
        ask.Side.ShouldBe("sell");
        (ask.AmountKwh, ask.RemainingKwh, ask.PricePerKwh, ask.TotalPriceGrx).ShouldBe((1.5m, 1.5m, 4.25m, 6.375m));
        ask.Owner.ShouldBe(new OrderOwner(_seller.Address, "Ann", "prosumer"));
        await ActivateAllAsync();

        var listed = await _host.GetAsync(null, "/api/trading/orders/active?zone=zone-1&side=sell&limit=10")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderList);
        listed.Orders.ShouldHaveSingleItem().OrderId.ShouldBe(ask.OrderId);

        var bid = await SendAsync(
            _buyer.Wallet, "/match", new MatchOrderRequest(_buyer.Address, ask.OrderId, 0.5m), "buy-1")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderView);
        (bid.Side, bid.AmountKwh, bid.PricePerKwh).ShouldBe(("buy", 0.5m, 4.25m));
        await ActivateAllAsync();
        _ = await _host.AdvanceAsync(_host.Now.AddSeconds(5));

        var sold = (await HistoryAsync(_seller.Wallet)).Trades.ShouldHaveSingleItem();
        (sold.Direction, sold.AmountKwh, sold.PricePerKwh, sold.TotalGrx, sold.FeeGrx, sold.Status)
            .ShouldBe(("sold", 0.5m, 4.25m, 2.125m, 0.02125m, "matched"));
        sold.TxSignature.ShouldBe($"pending_{sold.MatchId}");
        var bought = (await HistoryAsync(_buyer.Wallet)).Trades.ShouldHaveSingleItem();
        (bought.Direction, bought.Counterparty.Wallet).ShouldBe(("bought", _seller.Address));
        (await HistoryAsync(_host.OperatorKey, $"?user_id={_seller.UserId}")).Trades.ShouldHaveSingleItem();
        (await HistoryAsync(_host.OperatorKey, $"?wallet={_buyer.Address}")).Trades.ShouldHaveSingleItem();

        _ = await _host.AdvanceAsync(_host.Now.AddMinutes(15));
        (await HistoryAsync(_seller.Wallet)).Trades[0].Status.ShouldBe("clearing");
        var epochs = await _host.GetAsync(null, "/api/market/epochs?zone=zone-1&limit=5")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.EpochList);
        var epoch = epochs.Epochs.Single(static epoch => epoch.Trades > 0);
        (epoch.Status, epoch.ClearingPrice, epoch.VolumeKwh).ShouldBe(("cleared", 4.25m, 0.5m));
        (await _host.GetAsync(null, $"/api/market/epochs/{epoch.Number}")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.EpochList)).Epochs.ShouldHaveSingleItem();
        (await _host.GetAsync(_host.OperatorKey, "/api/operator/report")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OperatorReport)).Matches.ShouldBe(1);
    }

    [Fact]
    public async Task Best_offers_of_both_sides_come_first()
    {
        foreach (var price in new[] { 4m, 3m, 5m })
        {
            _ = await PlaceAsync(_seller, new CreateOrderRequest(0.1m, price, SellerWallet: _seller.Address));
            _ = await PlaceAsync(
                _buyer, new CreateOrderRequest(0.1m, price - 2.5m, BuyerWallet: _buyer.Address));
        }

        await ActivateAllAsync();
        var all = await _host.GetAsync(null, "/api/trading/orders/active?zone=zone-1")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderList);
        all.Orders.Select(static order => (order.Side, order.PricePerKwh)).ShouldBe(
            [("buy", 2.5m), ("sell", 3m), ("buy", 1.5m), ("sell", 4m), ("buy", 0.5m), ("sell", 5m)]);
        (await _host.GetAsync(null, "/api/trading/orders/active?limit=2")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderList)).Orders.Count.ShouldBe(2);
        (await _host.GetAsync(null, "/api/trading/orders/active?zone=elsewhere")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderList)).Orders.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(null, 3)]
    [InlineData("sell", 2)]
    public async Task Offers_are_read_page_by_page_whatever_comes_meanwhile(string? side, int limit)
    {
        foreach (var price in new[] { 4m, 3m, 5m, 3m })
        {
            _ = await PlaceAsync(_seller, new CreateOrderRequest(0.1m, price, SellerWallet: _seller.Address));
        }

        _ = await PlaceAsync(_buyer, new CreateOrderRequest(0.1m, 2m, BuyerWallet: _buyer.Address));
        await ActivateAllAsync();
        var query = side is null ? "zone=zone-1" : $"zone=zone-1&side={side}";
        var all = (await ActiveAsync(query)).Orders.Select(static order => order.OrderId).ToList();
        List<Guid> read = [];
        string? cursor = null;
        do
        {
            var page = await ActiveAsync($"{query}&limit={limit}{(cursor is null ? "" : $"&cursor={cursor}")}");
            page.Orders.Count.ShouldBeLessThanOrEqualTo(limit);
            read.AddRange(page.Orders.Select(static order => order.OrderId));
            if (cursor is null)
            {
                // A better one moves nothing from one page to another.
                _ = await PlaceAsync(_seller, new CreateOrderRequest(0.1m, 2.5m, SellerWallet: _seller.Address));
                await ActivateAllAsync();
            }

            cursor = page.Next;
        }
        while (cursor is not null);
        read.ShouldBeUnique();
        all.ShouldBeSubsetOf(read);
    }

    [Theory]
    [InlineData("/api/trading/orders/active?cursor=x")]
    [InlineData("/api/trading/orders/active?limit=0")]
    [InlineData("/api/trading/orders/active?limit=501")]
    [InlineData("/api/trading/orders/active?limit=x")]
    [InlineData("/api/trading/orders/active?side=up")]
    [InlineData("/api/trading/orders/active?zone=%00")]
    [InlineData("/api/market/epochs?zone=%00")]
    [InlineData("/api/market/epochs/202601010000?zone=a%20b")]
    [InlineData("/api/market/epochs?limit=501")]
    public Task Senseless_query_is_refused(string path) =>
        _host.GetAsync(null, path).ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"amount_kwh":"1","price_per_kwh":1}""")]
    [InlineData("""{"amount_kwh":1e999,"price_per_kwh":1}""")]
    [InlineData("""{"price_per_kwh":1}""")]
    [InlineData("""{"amount_kwh":1,"price_per_kwh":1,"seller_wallet":"0"}""")]
    public async Task Body_that_is_no_order_is_refused(string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/trading/orders/create");
        request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        request.Headers.Add(SigningHandler.IdempotencyKeyHeader, "k");
        await _host.Client(_seller.Wallet).SendAsync(request)
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
    }

    [Fact]
    public async Task Orders_need_a_signature_and_an_idempotency_key()
    {
        var order = new CreateOrderRequest(1, 1, SellerWallet: _seller.Address);
        await SendAsync(null, "/create", order, "k")
            .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.NotSigned);
        await SendAsync(_seller.Wallet, "/create", order, null)
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.IdempotencyKeyRequired);
        await SendAsync(_buyer.Wallet, "/create", order, "k")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await SendAsync(_seller.Wallet, "/cancel", new CancelOrderRequest(Guid.NewGuid()), "k")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.UnknownOrder);
    }

    [Fact]
    public async Task Order_is_shown_to_its_owner_and_the_operator_only()
    {
        var order = await PlaceAsync(_seller, new CreateOrderRequest(1, 1, SellerWallet: _seller.Address));
        var path = $"/api/trading/orders/{order.OrderId}";
        (await _host.GetAsync(_seller.Wallet, path).ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderView))
            .OrderId.ShouldBe(order.OrderId);
        await _host.GetAsync(_host.OperatorKey, path).ShouldBeStatusAsync(HttpStatusCode.OK);
        await _host.GetAsync(_buyer.Wallet, path)
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await _host.GetAsync(_buyer.Wallet, $"/api/trading/orders/{Guid.NewGuid()}")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.UnknownOrder);
    }

    [Fact]
    public async Task Only_the_operator_reads_other_peoples_trades_and_the_report()
    {
        await _host.GetAsync(_buyer.Wallet, $"/api/trading/history?wallet={_seller.Address}")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await _host.GetAsync(_buyer.Wallet, $"/api/trading/history?user_id={_buyer.UserId}")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await _host.GetAsync(_buyer.Wallet, "/api/trading/history?cursor=-1")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        await _host.GetAsync(_host.OperatorKey, $"/api/trading/history?user_id={Guid.NewGuid()}")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
        await _host.GetAsync(_buyer.Wallet, "/api/operator/report")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await _host.GetAsync(null, "/api/market/epochs/1")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
    }

    [Fact]
    public async Task Managed_wallet_is_looked_at_by_its_address_or_its_access_key()
    {
        foreach (var name in (Key32[])[_buyer.Address, _buyer.Wallet.PublicKey])
        {
            var balances = await _host.GetAsync(_buyer.Wallet, $"/api/wallets/{name}/balances")
                .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.WalletBalances);
            balances.ShouldBe(new WalletBalances(_buyer.Address, 0, 100, 0, 0));
            (await HistoryAsync(_buyer.Wallet, $"?wallet={name}")).Trades.ShouldBeEmpty();
        }

        await _host.GetAsync(_buyer.Wallet, $"/api/wallets/{_seller.Address}/balances")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await _host.GetAsync(_buyer.Wallet, $"/api/wallets/{_seller.Wallet}/balances")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }

    [Fact]
    public async Task History_is_read_in_pages_newest_first()
    {
        for (var i = 1; i <= 5; i++)
        {
            _ = await PlaceAsync(_seller, new CreateOrderRequest(i / 10m, 1, SellerWallet: _seller.Address));
            _ = await PlaceAsync(_buyer, new CreateOrderRequest(i / 10m, 1, BuyerWallet: _buyer.Address));
            await ActivateAllAsync();
            _ = await _host.AdvanceAsync(_host.Now.AddSeconds(5));
        }

        (await HistoryAsync(_seller.Wallet, "?limit=3")).Trades
            .Select(static trade => (trade.Direction, trade.AmountKwh))
            .ShouldBe([("sold", 0.5m), ("sold", 0.4m), ("sold", 0.3m)]);
        List<decimal> amounts = [];
        string? cursor = null;
        do
        {
            var page = await HistoryAsync(_buyer.Wallet, $"?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            page.Trades.Count.ShouldBeLessThanOrEqualTo(2);
            amounts.AddRange(page.Trades.Select(static trade => trade.AmountKwh));
            cursor = page.Next;
        }
        while (cursor is not null);
        amounts.ShouldBe([0.5m, 0.4m, 0.3m, 0.2m, 0.1m]);
    }

    private Task<OrderList> ActiveAsync(string query) => _host.GetAsync(null, $"/api/trading/orders/active?{query}")
        .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderList);

    private Task<TradeHistory> HistoryAsync(SigningKey key, string query = "") =>
        _host.GetAsync(key, "/api/trading/history" + query)
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.TradeHistory);

    private Task<OrderView> PlaceAsync(VirtualHome home, CreateOrderRequest order) =>
        SendAsync(home.Wallet, "/create", order, Guid.NewGuid().ToString())
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderView);

    private async Task<HttpResponseMessage> SendAsync(SigningKey? key, string path, object body, string? idempotencyKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/trading/orders" + path);
        request.Content = JsonContent.Create(body, ProtocolJson.Default.GetTypeInfo(body.GetType())!);
        if (idempotencyKey is not null)
        {
            request.Headers.Add(SigningHandler.IdempotencyKeyHeader, idempotencyKey);
        }

        return await _host.Client(key).SendAsync(request);
    }

    private Task RegisterOnChainAsync(VirtualHome home) => HappenedAsync(
        new UserRegistered(home.Address.ToPublicKey(), UserType.Prosumer, 0),
        new MeterRegistered(
            home.MeterId, home.Address.ToPublicKey(), home.Device.PublicKey.ToPublicKey(), 0));

    /// <summary>The chain has taken every escrow.</summary>
    private async Task ActivateAllAsync()
    {
        var intents = await CloudCore.Storage.Queries.QueryAsync<string>(
            _host.Database,
            """
            select intent::text from chain_outbox join orders on orders.id = intent_id
            where kind = 'place_order' and escrow = 'requested'
            """,
            null,
            CancellationToken.None);
        await HappenedAsync(
            [.. intents.Select(static json => FakeChain.Created((PlaceOrder)ChainIntentJson.Read(json)))]);
    }

    private Task HappenedAsync(params ProgramEvent[] events) =>
        _host.Services.GetRequiredService<ChainEventStore>().StoreAsync(
            [new IndexedTransaction(new(RandomNumberGenerator.GetBytes(64)), 1, null, events)],
            [],
            CancellationToken.None);
}

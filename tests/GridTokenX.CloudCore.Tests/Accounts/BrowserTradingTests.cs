using System.Net;
using System.Security.Cryptography;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Tests.Chain;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Programs;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace GridTokenX.CloudCore.Tests.Accounts;

/// <summary>
/// All that a page does to trade, with nothing but a token, and for a wallet of one's own its signature.
/// </summary>
public sealed class BrowserTradingTests : IAsyncLifetime, IDisposable
{
    private readonly FakeChain _chain = new();
    private readonly ScriptedRpc _rpc = new()
    {
        Before = static (method, _) => method == "getLatestBlockhash"
            ? """
              {"context":{"slot":7},"value":{"blockhash":"9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin",
              "lastValidBlockHeight":150}}
              """
            : throw ScriptedRpc.Lost,
    };

    private CloudHost _host = null!;
    private Visitor _visitor = null!;

    public async Task InitializeAsync()
    {
        _host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Replace = services =>
            {
                _ = services.RemoveAll<IEnergyChain>().AddSingleton<IEnergyChain>(_chain)
                    .AddSingleton<HttpMessageHandler>(_rpc);
                foreach (var service in services.Where(static service =>
                    service.ServiceType == typeof(IHostedService)
                    && service.ImplementationType?.Namespace == typeof(OutboxSender).Namespace).ToList())
                {
                    _ = services.Remove(service);
                }
            },
        });
        _visitor = new Visitor(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose()
    {
        _visitor.Dispose();
        _rpc.Dispose();
    }

    [Fact]
    public async Task With_an_address_and_a_password_one_sells_and_cancels()
    {
        await _visitor.RegisterAsync(Visitor.NewEmail());
        var user = await _visitor.GetAsync("/api/users/me")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.UserView);
        using var home = new VirtualHome();
        await RegisterMeterAsync(home, user.Wallet);
        _chain.Give(user.Wallet, 10_000, 0);
        var body = new CreateOrderRequest(1.5m, 4m, SellerWallet: user.Wallet);
        var order = await PostAsync("/api/trading/orders/create", body, "k1")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderView);
        (await PostAsync("/api/trading/orders/create", body, "k1")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderView)).OrderId.ShouldBe(order.OrderId);
        var list = await _visitor.GetAsync("/api/trading/orders")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OwnOrderList);
        list.Orders.ShouldHaveSingleItem().OrderId.ShouldBe(order.OrderId);
        (await PostAsync("/api/trading/orders/cancel", new CancelOrderRequest(order.OrderId), "k2")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderView)).Status.ShouldBe("cancelled");
        await PostAsync("/api/trading/orders/prepare", new PrepareOrderRequest("sell", 1, 1), "k3")
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.InvalidWallet);
    }

    [Fact]
    public async Task With_a_wallet_one_signs_what_the_server_has_prepared()
    {
        using var wallet = SigningKey.Generate();
        await _visitor.SignInAsync(wallet);
        await _visitor.PostAsync("/api/users", new RegisterUserRequest("Ann", "prosumer"))
            .ShouldBeStatusAsync(HttpStatusCode.Created);
        using var home = new VirtualHome();
        await RegisterMeterAsync(home, wallet.PublicKey);
        _chain.Give(wallet.PublicKey, 10_000, 0);
        var prepared = await PostAsync(
            "/api/trading/orders/prepare", new PrepareOrderRequest("sell", 1.5m, 4m), "k1")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.PreparedOrder);
        (prepared.Wallet, prepared.AmountKwh, prepared.PricePerKwh, prepared.LastValidBlockHeight)
            .ShouldBe((wallet.PublicKey, 1.5m, 4m, 150));

        // As a browser does it: 1 signature, 64 bytes of it, the message.
        var transaction = Convert.FromBase64String(prepared.Transaction);
        transaction[0].ShouldBe((byte)1);
        var message = Convert.FromBase64String(prepared.Message);
        transaction[65..].ShouldBe(message);
        wallet.Sign(message).CopyTo(transaction, 1);
        var order = await PostAsync(
            "/api/trading/orders/create",
            new CreateOrderRequest(
                prepared.AmountKwh,
                prepared.PricePerKwh,
                SellerWallet: prepared.Wallet,
                ExpiresAt: prepared.ExpiresAt,
                Transaction: Convert.ToBase64String(transaction)),
            "k2").ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderView);
        (order.ChainOrderId, order.AmountKwh).ShouldBe((prepared.ChainOrderId, 1.5m));
    }

    [Theory]
    [InlineData("{}", ProblemCodes.InvalidOrder)]
    [InlineData("""{"side":"up","amount_kwh":1,"price_per_kwh":1}""", ProblemCodes.InvalidOrder)]
    [InlineData("""{"side":"sell","amount_kwh":0,"price_per_kwh":1}""", ProblemCodes.InvalidAmount)]
    [InlineData("""{"side":"sell","amount_kwh":1,"price_per_kwh":-1}""", ProblemCodes.InvalidPrice)]
    [InlineData("""{"side":"buy","amount_kwh":1,"price_per_kwh":99999999}""", ProblemCodes.PriceOutOfBounds)]
    [InlineData(
        """{"side":"sell","amount_kwh":1,"price_per_kwh":1,"expires_at":"2020-01-01T00:00:00Z"}""",
        ProblemCodes.InvalidExpiry)]
    public async Task What_would_be_refused_is_not_prepared(string body, string code)
    {
        using var wallet = SigningKey.Generate();
        await _host.PostTextAsync(wallet, "/api/trading/orders/prepare", body)
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, code);
    }

    [Fact]
    public async Task What_is_not_listed_cannot_be_taken()
    {
        using var wallet = SigningKey.Generate();
        await _host.PostAsync(
            wallet, "/api/trading/orders/prepare", new PrepareOrderRequest(OrderId: Guid.NewGuid()))
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.UnknownOrder);
    }

    private Task<HttpResponseMessage> PostAsync(string path, object body, string key) =>
        _visitor.SendAsync(HttpMethod.Post, path, body, idempotencyKey: key);

    private async Task RegisterMeterAsync(VirtualHome home, Key32 owner)
    {
        await _host.PostAsync(
            _host.OperatorKey, "/api/gateways", new RegisterGatewayRequest(home.Gateway.PublicKey, "Gateway"))
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        var meter = home.Registration() with { Consent = home.Consent(owner) };
        await _visitor.PostAsync("/api/meters", meter).ShouldBeStatusAsync(HttpStatusCode.OK);
        await _host.Services.GetRequiredService<ChainEventStore>().StoreAsync(
            [new IndexedTransaction(
                new(RandomNumberGenerator.GetBytes(64)),
                1,
                null,
                [
                    new UserRegistered(owner.ToPublicKey(), UserType.Prosumer, 0),
                    new MeterRegistered(
                        home.MeterId, owner.ToPublicKey(), home.Device.PublicKey.ToPublicKey(), 0),
                ])],
            [],
            CancellationToken.None);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Web;

/// <summary>
/// The page's server as it is used: PostgreSQL, a local chain with our programs, and the cloud core at an address that
/// it keeps when it is started again. Market time is the test's.
/// </summary>
internal sealed class BrowserWorld : IAsyncDisposable
{
    internal const string Zone = "zone-1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(50);

    private readonly Localnet _chain;
    private readonly HttpClient _http = new();
    private readonly string _keys;
    private readonly string _database;
    private readonly string _address;

    private BrowserWorld(Localnet chain, string keys, string database, string address)
    {
        (_chain, _keys, _database, _address) = (chain, keys, database, address);
        Rpc = new SolanaRpcClient(_http, new SolanaRpcOptions { Endpoint = chain.RpcUrl }, TimeProvider.System);
    }

    internal CloudHost Host { get; private set; } = null!;

    internal SolanaRpcClient Rpc { get; }

    internal SigningKey Gateway { get; } = SigningKey.Generate();

    internal DateTimeOffset Now { get; private set; } = CloudHost.Noon;

    internal static async Task<BrowserWorld> StartAsync()
    {
        var address = FreeAddress();
        var keys = Directory.CreateTempSubdirectory("gtx-web-").FullName;
        using var admin = Keypair.Generate();
        admin.Save(Path.Combine(keys, "admin.json"));
        var chain = await Localnet.StartAsync(
            LocalnetOptions.WithPrograms(admin.PublicKey.ToString(), simulatedClock: true) with
            {
                CorsOrigin = address,
            });
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var world = new BrowserWorld(chain, keys, database, address);
        await world.StartCoreAsync();
        await world.Host.PostAsync(
            world.Host.OperatorKey,
            "/api/gateways",
            new RegisterGatewayRequest(world.Gateway.PublicKey, "Gateway of the street"))
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        return world;
    }

    /// <summary>Ends when it knows the time, and the chain.</summary>
    internal async Task StartCoreAsync()
    {
        await SetChainTimeAsync();
        Host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Database = _database,
            Now = Now,
            Settings = new Dictionary<string, string>
            {
                ["Urls"] = _address,
                ["Cloud:KeyFolder"] = _keys,
                ["Accounts:Origin"] = _address,
                ["Solana:RpcUrl"] = _chain.RpcUrl.ToString(),
                ["Solana:WsUrl"] = _chain.PubSubUrl.ToString(),
                ["Solana:AirdropIfPoor"] = "true",
                ["Solana:BaseBackoff"] = "00:00:00.020",
                ["Web:DevelopmentWallet"] = "true",
                ["Web:WelcomeGrx"] = "100",
                ["Web:ThbPerGrx"] = "10",
            },
        });
        await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await Host.GetAsync(null, "/api/chain");
                return answer.StatusCode == HttpStatusCode.OK;
            },
            Patience);
    }

    internal async Task StopCoreAsync() => await Host.DisposeAsync();

    internal async Task AdvanceAsync(TimeSpan by)
    {
        Now += by;
        await SetChainTimeAsync();
        _ = await Host.AdvanceAsync(Now);
    }

    /// <summary>
    /// Seconds of market time pass until it holds, at most twenty in a real one: what a slow browser is about to take
    /// must not expire.
    /// </summary>
    internal async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var advanced = 0L;
        try
        {
            await Eventually.HoldsAsync(HoldsNowAsync, Patience);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"It did not come about that {what}.", exception);
        }

        async Task<bool> HoldsNowAsync()
        {
            if (await holds())
            {
                return true;
            }

            if (advanced != 0 && Stopwatch.GetElapsedTime(advanced) < LeastPause)
            {
                return false;
            }

            advanced = Stopwatch.GetTimestamp();
            await AdvanceAsync(TimeSpan.FromSeconds(1));
            return false;
        }
    }

    /// <summary>The chain has answered everything, and all that it said is written down.</summary>
    internal Task QuietAsync() => UntilAsync("the chain has answered everything", async () =>
    {
        var status = await Host.AdvanceAsync(Now);
        return status is { OutboxPending: 0, EventsOutstanding: 0 };
    });

    internal Task UntilRegisteredAsync(SigningKey user) => UntilAsync("the chain knows the user", async () =>
        (await Host.GetAsync(user, "/api/users/me").Then(ProtocolJson.Default.UserView)).RegisteredOnChain);

    /// <summary>What a wallet has to sell, as the page shows it.</summary>
    internal async Task<string> GridOfAsync(VirtualHome home) =>
        (await Host.GetAsync(home.Wallet, $"/api/wallets/{home.Address}/balances")
            .Then(ProtocolJson.Default.WalletBalances)).Grid.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>For somebody who has registered.</summary>
    internal async Task GiveMeterAsync(VirtualHome home)
    {
        await Host.PostAsync(home.Wallet, "/api/meters", home.Registration(Zone))
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        await QuietAsync();
    }

    /// <summary>His meter measures so much and a bit more, which is minted.</summary>
    internal async Task ProduceAsync(VirtualHome home, int kilowattHours)
    {
        var first = Now;
        for (var sequence = 1; sequence <= kilowattHours + 1; sequence++)
        {
            await AdvanceAsync(first + ((sequence - 1) * VirtualHome.Interval) - Now);
            var reading = home.Reading(
                sequence, Now, sequence * 1_000, (sequence - 1) * 100, (ushort)(400 + (sequence * 20)));
            await Host.PostAsync(Gateway, home.ReadingsPath, reading).ShouldBeStatusAsync(HttpStatusCode.OK);
        }

        await AdvanceAsync(TimeSpan.FromSeconds(1));
        await QuietAsync();
        (await GridOfAsync(home)).ShouldNotBe("0.000");
    }

    /// <summary>Somebody with a managed wallet who has something to sell.</summary>
    internal async Task<VirtualHome> SellerAsync()
    {
        var home = await VirtualHome.RegisteredAsync(Host, Gateway, "managed");
        await UntilRegisteredAsync(home.Wallet);
        await ProduceAsync(home, 3);
        return home;
    }

    /// <summary>Ends when the order's escrow is on chain.</summary>
    internal async Task SellAsync(VirtualHome home, decimal kwh, decimal price, string key)
    {
        await PostAsync(
            home.Wallet,
            "/api/trading/orders/create",
            new CreateOrderRequest(
                kwh, price, SellerWallet: home.Address, Zone: Zone, ExpiresAt: Now.AddHours(6)),
            key).ShouldBeStatusAsync(HttpStatusCode.OK);
        await QuietAsync();
    }

    internal async Task<HttpResponseMessage> PostAsync(SigningKey signer, string path, object body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = JsonContent.Create(body, ProtocolJson.Default.GetTypeInfo(body.GetType())!);
        request.Headers.Add("Idempotency-Key", key);
        return await Host.Client(signer).SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _chain.DisposeAsync();
        _http.Dispose();
        Gateway.Dispose();
        if (Directory.Exists(_keys))
        {
            Directory.Delete(_keys, recursive: true);
        }
    }

    private async Task SetChainTimeAsync() => _ = await Rpc.CallAsync(
        "gridtokenx_setTime", to => to.WriteNumberValue(Now.ToUnixTimeSeconds()), CancellationToken.None);

    /// <summary>It is free now; the cloud core must find it again after a restart.</summary>
    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return string.Create(
            CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}

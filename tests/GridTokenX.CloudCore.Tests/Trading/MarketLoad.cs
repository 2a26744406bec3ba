using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>Somebody with an access key and a meter.</summary>
internal sealed record LoadTrader(SigningKey Key, Key32 Wallet, string Zone);

/// <summary>An order that was acknowledged, and the request that made it.</summary>
internal sealed record Acknowledged(LoadTrader Trader, string Key, object Body, string Path, Guid Order);

/// <summary>
/// Clients that place, take and cancel as fast as they are answered. A request without an answer is sent again with
/// the same key, to whichever process answers.
/// </summary>
internal sealed class MarketLoad(CloudProcesses processes, IReadOnlyList<LoadTrader> traders)
{
    private const string Orders = "/api/trading/orders";

    private readonly ConcurrentDictionary<SigningKey, HttpClient> _clients = new();
    private int _keys;
    private volatile bool _hasEnded;

    internal ConcurrentQueue<Acknowledged> Placed { get; } = new();

    internal ConcurrentQueue<Guid> Cancelled { get; } = new();

    internal ConcurrentQueue<string> Faults { get; } = new();

    internal Task RunAsync(int clients) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(seed => Task.Run(() => RunClientAsync(new Random(seed)))));

    internal void End() => _hasEnded = true;

    /// <summary>The order that the same request gives now.</summary>
    internal async Task<Guid> RepeatAsync(Acknowledged placed)
    {
        using var response = await AnswerAsync(placed.Trader, placed.Path, placed.Body, placed.Key, new Random(0));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await ViewAsync(response)).OrderId;
    }

    private async Task RunClientAsync(Random random)
    {
        List<Acknowledged> own = [];
        while (!_hasEnded)
        {
            var trader = traders[random.Next(traders.Count)];
            var choice = random.Next(10);
            if (choice < 3 && own.Count > 0)
            {
                await CancelAsync(own[random.Next(own.Count)], random);
            }
            else if (choice == 3 && own.Count > 0 && own[random.Next(own.Count)] is { Body: CreateOrderRequest } other)
            {
                await PlaceAsync(trader, "/match", new MatchOrderRequest(trader.Wallet, other.Order, 0.05m), own,
                    random);
            }
            else
            {
                var amount = CrashZones.AmountIn(trader.Zone, random);
                var price = 3m + (random.Next(100) / 100m);
                var order = random.Next(2) == 0
                    ? new CreateOrderRequest(amount, price, SellerWallet: trader.Wallet)
                    : new CreateOrderRequest(amount, price + 0.2m, BuyerWallet: trader.Wallet);
                var force = random.Next(8) switch { 0 => "ioc", 1 => "fok", _ => null };
                await PlaceAsync(trader, "/create", order with { TimeInForce = force }, own, random);
            }
        }
    }

    private async Task PlaceAsync(
        LoadTrader trader, string path, object body, List<Acknowledged> own, Random random)
    {
        var key = NextKey();
        using var response = await AnswerAsync(trader, Orders + path, body, key, random);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            var placed = new Acknowledged(trader, key, body, Orders + path, (await ViewAsync(response)).OrderId);
            own.Add(placed);
            Placed.Enqueue(placed);
        }
        else if (path == "/create")
        {
            Faults.Enqueue($"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    private async Task CancelAsync(Acknowledged placed, Random random)
    {
        using var response = await AnswerAsync(
            placed.Trader, Orders + "/cancel", new CancelOrderRequest(placed.Order), NextKey(), random);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            (await ViewAsync(response)).Status.ShouldBe("cancelled");
            Cancelled.Enqueue(placed.Order);
        }
        else if (response.StatusCode != HttpStatusCode.Conflict)
        {
            Faults.Enqueue($"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(
        LoadTrader trader, string path, object body, string key, Random random)
    {
        var client = _clients.GetOrAdd(trader.Key, CloudProcesses.Client);
        var process = random.Next(CloudProcesses.Count);
        while (true)
        {
            if (await processes.TryPostAsync(client, process, path, body, key) is { } response)
            {
                return response;
            }

            process = (process + 1) % CloudProcesses.Count;
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    private string NextKey() => Interlocked.Increment(ref _keys).ToString("D8", CultureInfo.InvariantCulture);

    private static async Task<OrderView> ViewAsync(HttpResponseMessage response) =>
        JsonSerializer.Deserialize(
            await response.Content.ReadAsStringAsync(), ProtocolJson.Default.OrderView)!;
}

using System.Diagnostics;
using System.Globalization;
using GridTokenX.Protocol.Api;

namespace GridTokenX.Benchmarks.Market;

/// <summary>Orders over HTTP: how many are committed and acknowledged, and how soon they are matched
/// (<see cref="OrderWayBench"/>).</summary>
internal static class OrdersBench
{
    private const string Name = "market";
    private const int Traders = 8_000;
    private const int Clients = 512;

    // Compiled, its connections open and its statements prepared.
    private const int Warm = 40_000;
    private const int Orders = 80_000;
    private const int BatchOrders = 20;

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        Load[] loads =
        [
            new("orders one by one, each signed", 1, HasTokens: false, Confirms: false),
            new("orders one by one, with an access token", 1, HasTokens: true, Confirms: false),
            new("orders, 20 a request", BatchOrders, HasTokens: false, Confirms: false),
            new("orders, 20 a request, escrowed and matched meanwhile", BatchOrders, HasTokens: false, Confirms: true),
        ];
        foreach (var load in loads)
        {
            await foreach (var rate in RatesAsync(time, load))
            {
                yield return rate;
            }
        }

        await foreach (var wait in OrderWayBench.RunAsync(time))
        {
            yield return wait;
        }
    }

    /// <param name="Metric">Its name.</param>
    /// <param name="PerRequest">Orders.</param>
    /// <param name="HasTokens">Requests are those of the page; else each is signed.</param>
    /// <param name="Confirms">The stand-in for the chain answers.</param>
    private sealed record Load(string Metric, int PerRequest, bool HasTokens, bool Confirms);

    /// <summary>
    /// The baseline is what is asked for. Processor time is of all that runs: server and clients, which share a
    /// process, and the database.
    /// </summary>
    private static async IAsyncEnumerable<Measurement> RatesAsync(TimeProvider time, Load load)
    {
        await using var rig = await OrdersRig.StartAsync(time, Traders, load.Confirms);
        var tokens = load.HasTokens ? await rig.SignInAsync() : null;
        var requests = Enumerable.Range(0, (Warm + Orders) / load.PerRequest)
            .Select(i => Request(rig, i, load.PerRequest, tokens, time.GetUtcNow())).ToArray();
        var warm = Warm / load.PerRequest;
        _ = await SendAsync(rig, requests[..warm]);
        await rig.AnalyzeAsync();
        var before = await rig.CountAsync("select count(*) from orders");
        var (matches, own, postgres) = (await MatchesAsync(rig), Environment.CpuUsage, rig.PostgresCpu.Total());
        var elapsed = await SendAsync(rig, requests[warm..]);
        var (used, database) = (Environment.CpuUsage.TotalTime - own.TotalTime, rig.PostgresCpu.Total() - postgres);
        if (await rig.CountAsync("select count(*) from orders") - before != Orders)
        {
            throw new InvalidOperationException("Orders were acknowledged that are not there.");
        }

        var (server, whole) = (used.TotalMicroseconds / Orders, (used + database).TotalMicroseconds / Orders);
        yield return new Measurement(
            Name, load.Metric, "committed and acknowledged/s", Math.Round(Orders / elapsed.TotalSeconds), 10_000);
        yield return new Measurement(
            Name, $"{load.Metric}: server and clients", "µs of processor time", Math.Round(server, 1));
        yield return new Measurement(
            Name, $"{load.Metric}: database", "µs of processor time", Math.Round(whole - server, 1));
        yield return new Measurement(
            Name, $"{load.Metric}: two cores with nothing else to do", "1/s", Math.Round(2_000_000 / whole), 10_000);
        if (load.Confirms)
        {
            yield return new Measurement(
                Name, $"{load.Metric}: matches an order", "", Math.Round(
                    (await MatchesAsync(rig) - matches) / (double)Orders, 2));
        }
    }

    private static Task<long> MatchesAsync(OrdersRig rig) => rig.CountAsync("select count(*) from matches");

    private static byte[] Request(OrdersRig rig, int i, int orders, string[]? tokens, DateTimeOffset now)
    {
        var trader = rig.Traders[i % Traders];
        var wanted = Enumerable.Range(i * orders, orders).Select(order =>
        {
            var price = 3m + (order * 7919 % 100 / 100m);
            return (order + (order / Traders)) % 2 == 0
                ? new CreateOrderRequest(0.1m, price, SellerWallet: trader.Wallet)
                : new CreateOrderRequest(0.1m, price, BuyerWallet: trader.Wallet);
        }).ToArray();
        var key = i.ToString("D10", CultureInfo.InvariantCulture);
        if (tokens is not null)
        {
            return OrdersClient.WithToken(rig.Address, tokens[i % Traders], wanted[0], key);
        }

        return orders == 1
            ? OrdersClient.Signed(rig.Address, trader, wanted[0], key, now)
            : OrdersClient.Signed(rig.Address, trader, new PlaceOrdersRequest(wanted), key, now);
    }

    private static async Task<TimeSpan> SendAsync(OrdersRig rig, byte[][] requests)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ =>
            OrdersClient.ConnectAsync(rig.Address)));
        var next = -1;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < requests.Length; i = Interlocked.Increment(ref next))
            {
                await client.SendAsync(requests[i]);
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(began);
        foreach (var client in clients)
        {
            client.Dispose();
        }

        return elapsed;
    }
}

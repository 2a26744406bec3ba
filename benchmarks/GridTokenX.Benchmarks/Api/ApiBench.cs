using System.Diagnostics;
using System.Globalization;
using GridTokenX.Benchmarks.Market;
using GridTokenX.Protocol.Api;

namespace GridTokenX.Benchmarks.Api;

/// <summary>
/// The API under many clients, each of which sends one request after the other: placing an order, reading the book,
/// reading one's history.
/// </summary>
internal static class ApiBench
{
    internal const string Name = "api";
    private const int Traders = 1_000;
    private const int Warm = 4_000;
    private const int Orders = 8_000;
    private const int Reads = 10_000;

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        foreach (var clients in new[] { 20, 200 })
        {
            await foreach (var rate in RatesAsync(time, clients))
            {
                yield return rate;
            }
        }
    }

    internal static Measurement Load(string when) => new(
        Name,
        $"load average, {when}",
        string.Empty,
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));

    internal static double At(IReadOnlyList<double> sorted, double share) =>
        Math.Round(sorted[(int)(share * (sorted.Count - 1))], 2);

    /// <summary>
    /// The escrows are confirmed and the orders matched meanwhile, so that there are a book and histories.
    /// </summary>
    private static async IAsyncEnumerable<Measurement> RatesAsync(TimeProvider time, int clients)
    {
        await using var rig = await OrdersRig.StartAsync(time, Traders, confirms: true);
        yield return Load($"{clients} clients");
        var orders = Enumerable.Range(0, Warm + Orders).Select(i => Order(rig, i, time.GetUtcNow())).ToArray();
        _ = await SendAsync(rig, clients, orders[..Warm]);
        await rig.AnalyzeAsync();
        foreach (var figure in Figures("order create", clients, await SendAsync(rig, clients, orders[Warm..])))
        {
            yield return figure;
        }

        var book = OrdersClient.Get(rig.Address, "/api/market/book", "?zone=zone-1", null, time.GetUtcNow());
        var answers = await SendAsync(rig, clients, [.. Enumerable.Repeat(book, Reads)]);
        foreach (var figure in Figures("book snapshot", clients, answers))
        {
            yield return figure;
        }

        var histories = rig.Traders.Select(trader =>
            OrdersClient.Get(rig.Address, "/api/trading/history", string.Empty, trader, time.GetUtcNow())).ToArray();
        answers = await SendAsync(
            rig, clients, [.. Enumerable.Range(0, Reads).Select(i => histories[i % histories.Length])]);
        foreach (var figure in Figures("history", clients, answers))
        {
            yield return figure;
        }
    }

    private static IEnumerable<Measurement> Figures(
        string what, int clients, (TimeSpan Elapsed, IReadOnlyList<double> Milliseconds) answers)
    {
        yield return new Measurement(
            Name,
            $"{what}, {clients} clients",
            "1/s",
            Math.Round(answers.Milliseconds.Count / answers.Elapsed.TotalSeconds));
        yield return new Measurement(Name, $"{what}, {clients} clients, p50", "ms", At(answers.Milliseconds, 0.5));
        yield return new Measurement(Name, $"{what}, {clients} clients, p99", "ms", At(answers.Milliseconds, 0.99));
    }

    private static byte[] Order(OrdersRig rig, int i, DateTimeOffset now)
    {
        var trader = rig.Traders[i % Traders];
        var price = 3m + (i * 7919 % 100 / 100m);
        var order = i / Traders % 2 == 0
            ? new CreateOrderRequest(0.1m, price, SellerWallet: trader.Wallet)
            : new CreateOrderRequest(0.1m, price, BuyerWallet: trader.Wallet);
        return OrdersClient.Signed(
            rig.Address, trader, order, i.ToString("D10", CultureInfo.InvariantCulture), now);
    }

    /// <summary>How long it all took, and each answer, sorted.</summary>
    private static async Task<(TimeSpan Elapsed, IReadOnlyList<double> Milliseconds)> SendAsync(
        OrdersRig rig, int clients, byte[][] requests)
    {
        var connected = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ =>
            OrdersClient.ConnectAsync(rig.Address)));
        var next = -1;
        var milliseconds = new double[requests.Length];
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(connected.Select(client => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < requests.Length; i = Interlocked.Increment(ref next))
            {
                var sent = Stopwatch.GetTimestamp();
                await client.SendAsync(requests[i]);
                milliseconds[i] = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(began);
        foreach (var client in connected)
        {
            client.Dispose();
        }

        Array.Sort(milliseconds);
        return (elapsed, milliseconds);
    }
}

using System.Diagnostics;
using System.Globalization;
using GridTokenX.Protocol.Api;

namespace GridTokenX.Benchmarks.Market;

/// <summary>Orders over HTTP: how many are committed and acknowledged, and how soon they are matched.</summary>
internal static class OrdersBench
{
    private const string Name = "market";
    private const int Traders = 4_000;
    private const int Clients = 256;
    private const int Warm = 8_000;
    private const int Orders = 40_000;
    private const int Trades = 400;

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        await foreach (var rate in RatesAsync(time, confirms: false, "orders committed and acknowledged"))
        {
            yield return rate;
        }

        await foreach (var rate in RatesAsync(time, confirms: true, "orders, escrowed and matched meanwhile"))
        {
            yield return rate;
        }

        var latencies = await LatenciesAsync(time);
        yield return new Measurement(Name, "order submitted to match committed, p50", "ms", At(latencies, 0.5), 5);
        yield return new Measurement(Name, "order submitted to match committed, p99", "ms", At(latencies, 0.99));
    }

    /// <summary>
    /// The baseline is what is asked for. Processor time is of all that runs: server, client, database.
    /// </summary>
    private static async IAsyncEnumerable<Measurement> RatesAsync(TimeProvider time, bool confirms, string metric)
    {
        await using var rig = await OrdersRig.StartAsync(time, Traders, confirms);
        var requests = Enumerable.Range(0, Warm + Orders).Select(i => Request(rig, i, time.GetUtcNow())).ToArray();
        _ = await SendAsync(rig, requests[..Warm]);
        await rig.AnalyzeAsync();
        var before = await rig.CountAsync("select count(*) from orders");
        using var self = Process.GetCurrentProcess();
        self.Refresh();
        var (own, postgres) = (self.TotalProcessorTime, rig.PostgresCpu.Total());
        var elapsed = await SendAsync(rig, requests[Warm..]);
        self.Refresh();
        (own, postgres) = (self.TotalProcessorTime - own, rig.PostgresCpu.Total() - postgres);
        if (await rig.CountAsync("select count(*) from orders") - before != Orders)
        {
            throw new InvalidOperationException("Orders were acknowledged that are not there.");
        }

        yield return new Measurement(Name, metric, "1/s", Math.Round(Orders / elapsed.TotalSeconds), 10_000);
        yield return new Measurement(
            Name, $"{metric}: server and client", "µs of processor time", Math.Round(own.TotalMicroseconds / Orders));
        yield return new Measurement(
            Name, $"{metric}: database", "µs of processor time", Math.Round(postgres.TotalMicroseconds / Orders));
        if (confirms)
        {
            yield return new Measurement(
                Name, "matches meanwhile", "", await rig.CountAsync("select count(*) from matches"));
        }
    }

    private static byte[] Request(OrdersRig rig, int i, DateTimeOffset now)
    {
        var trader = rig.Traders[i % Traders];
        var price = 3m + (i * 7919 % 100 / 100m);
        var order = i / Traders % 2 == 0
            ? new CreateOrderRequest(0.1m, price, SellerWallet: trader.Wallet)
            : new CreateOrderRequest(0.1m, price, BuyerWallet: trader.Wallet);
        return OrdersClient.Signed(
            rig.Address, trader, order, i.ToString("D10", CultureInfo.InvariantCulture), now);
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

    /// <summary>
    /// One pair of orders after the other; the seller's rests already. Seen from outside: a query that runs again and
    /// again finds the match.
    /// </summary>
    private static async Task<List<double>> LatenciesAsync(TimeProvider time)
    {
        await using var rig = await OrdersRig.StartAsync(time, 2, confirms: true);
        using var client = await OrdersClient.ConnectAsync(rig.Address);
        await using var connection = await rig.Database.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from matches";
        await command.PrepareAsync();
        List<double> latencies = [];
        for (var i = 0; i < Trades + 50; i++)
        {
            await client.SendAsync(Pair(rig, i, isSell: true, time.GetUtcNow()));
            while (await rig.CountAsync("select count(*) from orders where place is not null") < (2 * i) + 1)
            {
                await Task.Yield();
            }

            var bid = Pair(rig, i, isSell: false, time.GetUtcNow());
            var began = Stopwatch.GetTimestamp();
            await client.SendAsync(bid);
            while ((long)(await command.ExecuteScalarAsync())! <= i)
            {
                await Task.Yield();
            }

            latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return [.. latencies.Skip(50).Order()];
    }

    private static byte[] Pair(OrdersRig rig, int i, bool isSell, DateTimeOffset now)
    {
        var trader = rig.Traders[isSell ? 0 : 1];
        var order = new CreateOrderRequest(
            0.1m, 3m, isSell ? trader.Wallet : null, isSell ? null : trader.Wallet);
        return OrdersClient.Signed(
            rig.Address, trader, order, string.Create(CultureInfo.InvariantCulture, $"{(isSell ? 's' : 'b')}{i}"), now);
    }

    private static double At(List<double> sorted, double share) =>
        Math.Round(sorted[(int)(share * (sorted.Count - 1))], 2);
}

using System.Diagnostics;
using System.Globalization;
using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;

namespace GridTokenX.Benchmarks.Market;

/// <summary>
/// One order's way on a machine with nothing else to do, an order each 0.2 s, without a match interval: from the
/// request to the commit of its match, and where the time goes. The seller's order rests already when the buyer's
/// comes. Then an order each 0.02 s, which says how much of it a machine needs that has been asleep.
/// </summary>
internal static class OrderWayBench
{
    private const string Name = "market";
    private const int Trades = 200;

    // Until all code is compiled, and compiled again for what is called often.
    private const int Discarded = 300;
    private const string Placed = "select count(*) from orders where place is not null";
    private const string CountMatches = "select count(*) from matches";

    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ShortRest = TimeSpan.FromMilliseconds(20);

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        await using var rig = await OrdersRig.StartAsync(time, 2, confirms: true);
        using var client = await OrdersClient.ConnectAsync(rig.Address);
        _ = await MeasureAsync(rig, client, TimeSpan.Zero, Enumerable.Range(0, Discarded), time);
        var ways = await MeasureAsync(rig, client, Rest, Enumerable.Range(Discarded, Trades), time);
        yield return Of(ways, "order submitted to match committed", 0.5, static way => way.Whole, 5);
        yield return Of(ways, "order submitted to match committed", 0.9, static way => way.Whole);
        yield return Of(ways, "order submitted to match committed", 0.99, static way => way.Whole);
        yield return Of(ways, "of it, until the order is taken", 0.5, static way => way.Taken);
        yield return Of(ways, "of it, until its escrow is seen", 0.5, static way => way.Escrowed);
        yield return Of(ways, "of it, until its match is committed", 0.5, static way => way.Committed);
        var awake = await MeasureAsync(rig, client, ShortRest, Enumerable.Range(Discarded + Trades, Trades), time);
        yield return Of(
            awake, "order submitted to match committed, an order each 0.02 s", 0.5, static way => way.Whole);
    }

    /// <param name="Whole">From the request's first byte to the commit, as the process hears of it, ms.</param>
    /// <param name="Taken">Until its owner is locked and all is checked, ms.</param>
    /// <param name="Escrowed">From there until the chain's answer is read, ms.</param>
    /// <param name="Committed">From there, ms.</param>
    private sealed record Way(double Whole, double Taken, double Escrowed, double Committed);

    private sealed record Times(DateTimeOffset CreatedAt, DateTimeOffset EscrowedAt);

    private static async Task<List<Way>> MeasureAsync(
        OrdersRig rig, OrdersClient client, TimeSpan rest, IEnumerable<int> trades, TimeProvider time)
    {
        List<Way> ways = [];
        foreach (var i in trades)
        {
            await CommitAsync(rig, client, Pair(rig, i, isSell: true, time.GetUtcNow()), Placed, (2 * i) + 1);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, time);
            }

            var request = Pair(rig, i, isSell: false, time.GetUtcNow());
            var (at, began) = (time.GetUtcNow(), Stopwatch.GetTimestamp());
            var committed = await CommitAsync(rig, client, request, CountMatches, i + 1);
            var times = (await rig.Database.QueryAsync<Times>(
                """
                select o.created_at, o.escrowed_at
                from matches m join orders o on o.id = m.buy_order order by m.sequence desc limit 1
                """,
                null,
                CancellationToken.None))[0];
            var whole = Stopwatch.GetElapsedTime(began, committed);
            ways.Add(new Way(
                whole.TotalMilliseconds,
                (times.CreatedAt - at).TotalMilliseconds,
                (times.EscrowedAt - times.CreatedAt).TotalMilliseconds,
                (at + whole - times.EscrowedAt).TotalMilliseconds));
        }

        return ways;
    }

    /// <summary>When the zone's writer committed what the statement counts. Nobody looks while it works.</summary>
    private static async Task<long> CommitAsync(
        OrdersRig rig, OrdersClient client, byte[] request, string counted, long expected)
    {
        var next = rig.Commits.NextAsync();
        await client.SendAsync(request);
        while (true)
        {
            var at = await next;
            next = rig.Commits.NextAsync();
            if (await rig.CountAsync(counted) >= expected)
            {
                return at;
            }
        }
    }

    private static byte[] Pair(OrdersRig rig, int i, bool isSell, DateTimeOffset now)
    {
        var trader = rig.Traders[isSell ? 0 : 1];
        var order = new CreateOrderRequest(
            0.1m, 3m, isSell ? trader.Wallet : null, isSell ? null : trader.Wallet);
        return OrdersClient.Signed(
            rig.Address, trader, order, string.Create(CultureInfo.InvariantCulture, $"{(isSell ? 's' : 'b')}{i}"), now);
    }

    private static Measurement Of(
        List<Way> ways, string metric, double share, Func<Way, double> part, double? asked = null)
    {
        var sorted = ways.Select(part).Order().ToList();
        var value = Math.Round(sorted[(int)(share * (sorted.Count - 1))], 2);
        var name = string.Create(CultureInfo.InvariantCulture, $"{metric}, p{share * 100:0}");
        return asked is { } baseline
            ? new Measurement(Name, name, "ms", value, baseline)
            : new Measurement(Name, name, "ms", value);
    }
}

/// <summary>Hears of the commits of the zones' writers, as those who watch do.</summary>
internal sealed class CommitSignal(LiveHub hub) : IMarketFeed
{
    private TaskCompletionSource<long> _next = New();

    public void Changed()
    {
        var at = Stopwatch.GetTimestamp();
        Interlocked.Exchange(ref _next, New()).SetResult(at);
        hub.Changed();
    }

    /// <summary>When the next commit is there.</summary>
    internal Task<long> NextAsync() => Volatile.Read(ref _next).Task;

    private static TaskCompletionSource<long> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

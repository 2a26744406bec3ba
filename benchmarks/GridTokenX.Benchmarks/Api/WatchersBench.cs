using System.Diagnostics;
using System.Globalization;
using GridTokenX.Benchmarks.Market;
using GridTokenX.CloudCore.Live;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GridTokenX.Benchmarks.Api;

/// <summary>
/// Those who watch a zone's book over WebSockets, a tenth of whom never read: what they cost, and how long after the
/// commit of an order the others know of it. The commit is made by the bench itself, so that its instant is known: a
/// lag is counted from before the database is asked to commit. Half of the commits are announced as the zone's writer
/// announces its own; the others are like another process's, and found by looking.
/// </summary>
internal static class WatchersBench
{
    private const string Zone = "watched";
    private const int Changes = 300;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        foreach (var count in new[] { 100, 2_000 })
        {
            await foreach (var figure in RunAsync(time, count))
            {
                yield return figure;
            }
        }
    }

    private static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time, int count)
    {
        await using var rig = await OrdersRig.StartAsync(time, 1, confirms: false);
        var owner = await PrepareAsync(rig);
        yield return ApiBench.Load($"{count} watchers");
        var before = Heap();
        List<BookWatcher> watchers = [];
        while (watchers.Count < count)
        {
            watchers.AddRange(await Task.WhenAll(Enumerable.Range(0, Math.Min(100, count - watchers.Count))
                .Select(_ => BookWatcher.ConnectAsync(rig.Address, Zone, Changes))));
        }

        var awake = watchers.Where(static (_, i) => i % 10 != 9).ToList();
        var watching = awake.ConvertAll(static watcher => Task.Run(watcher.WatchAsync));
        await UntilAsync(time, () => awake.TrueForAll(static watcher => watcher.HasSnapshot), "snapshots");
        yield return Memory($"a watcher, {count} connected", (Heap() - before) / count);

        var used = Environment.CpuUsage.TotalTime;
        var committed = await CommitAsync(time, rig, owner);
        await UntilAsync(time, () => awake.TrueForAll(static watcher => watcher.Changes == Changes), "last change");
        used = Environment.CpuUsage.TotalTime - used;
        yield return new Measurement(
            ApiBench.Name,
            $"processor time of a message sent and received, {count} watchers",
            "us",
            Math.Round(used.TotalMicroseconds / awake.Count / Changes, 2));
        yield return Memory($"a watcher, {count} connected, after {Changes} changes", (Heap() - before) / count);
        yield return new Measurement(
            ApiBench.Name, $"began anew, of {awake.Count} who read", string.Empty, awake.Sum(static w => w.Resyncs));
        foreach (var figure in Lags(count, awake, committed))
        {
            yield return figure;
        }

        watchers.ForEach(static watcher => watcher.Dispose());
        await Task.WhenAll(watching);
    }

    private static IEnumerable<Measurement> Lags(int count, List<BookWatcher> awake, long[] committed)
    {
        foreach (var (isAnnounced, name) in new[] { (true, "this process"), (false, "another process") })
        {
            var lags = awake
                .SelectMany(watcher => committed
                    .Select((at, i) => (IsAnnounced(i), Lag: Stopwatch.GetElapsedTime(at, watcher.Arrived[i])))
                    .Where(change => change.Item1 == isAnnounced)
                    .Select(static change => change.Lag.TotalMilliseconds))
                .Order().ToList();
            var metric = $"commit of {name} to client, {count} watchers";
            yield return new Measurement(ApiBench.Name, $"{metric}, p50", "ms", ApiBench.At(lags, 0.5));
            yield return new Measurement(ApiBench.Name, $"{metric}, p99", "ms", ApiBench.At(lags, 0.99), 100);
        }
    }

    /// <summary>The arrays of the arrival times are in it as well, 2.4 kB each.</summary>
    private static Measurement Memory(string what, long bytes) =>
        new(ApiBench.Name, $"memory of {what}", "B", bytes);

#pragma warning disable S1215 // What lives is to be measured.
    private static long Heap() => GC.GetTotalMemory(forceFullCollection: true);
#pragma warning restore S1215

    private static bool IsAnnounced(int change) => change % 2 == 0;

    /// <summary>When each was about to be committed.</summary>
    private static async Task<long[]> CommitAsync(TimeProvider time, OrdersRig rig, Guid owner)
    {
        var feed = rig.Services.GetRequiredService<IMarketFeed>();
        var committed = new long[Changes];
        await using var connection = await rig.Database.OpenConnectionAsync();
        for (var i = 0; i < Changes; i++)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await PlaceAsync(connection, owner, i + 1);
            committed[i] = Stopwatch.GetTimestamp();
            await transaction.CommitAsync();
            if (IsAnnounced(i))
            {
                feed.Changed();
            }

            await Task.Delay(Between, time);
        }

        return committed;
    }

    /// <summary>At a price of its own, by which it is known again.</summary>
    private static async Task PlaceAsync(NpgsqlConnection connection, Guid owner, int number)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, status, escrow, created_at,
                                expires_at, chain_order_id, chain_expires_at, rent_payer, fee_bps)
            values (gen_random_uuid(), $1, 'sell', $2, 1, 1000, $3, 'active', 'held', now(), now() + interval '1 day',
                    $4, now() + interval '2 days', decode(repeat('00', 32), 'hex'), 100)
            """,
            connection);
        command.Parameters.Add(new() { Value = owner });
        command.Parameters.Add(new() { Value = Zone });
        command.Parameters.Add(new() { Value = number * 1_000_000L });
        command.Parameters.Add(new() { Value = (long)number });
        _ = await command.ExecuteNonQueryAsync();
    }

    private static async Task<Guid> PrepareAsync(OrdersRig rig)
    {
        await using var epoch = rig.Database.CreateCommand(
            """
            insert into epochs (zone, number, starts_at, ends_at, status)
            values ($1, 1, now(), now() + interval '1 day', 'active')
            """);
        epoch.Parameters.Add(new() { Value = Zone });
        _ = await epoch.ExecuteNonQueryAsync();
        await using var owner = rig.Database.CreateCommand("select id from users");
        return (Guid)(await owner.ExecuteScalarAsync())!;
    }

    private static async Task UntilAsync(TimeProvider time, Func<bool> holds, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture, $"No {what} within {Patience}."));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
    }
}

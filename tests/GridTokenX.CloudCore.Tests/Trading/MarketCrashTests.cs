using System.Data;
using System.Globalization;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Keys;
using GridTokenX.Testing;
using Npgsql;
using Xunit.Abstractions;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// Two real processes under load on one database, killed and suspended at random moments, the database too. Whatever
/// was acknowledged is there, once; the books are what their journals say; every epoch is cleared once.
/// </summary>
public sealed class MarketCrashTests(ITestOutputHelper output)
{
    private const int Clients = 8;

    private static readonly CancellationToken None = CancellationToken.None;

    // Nothing hangs on it but how long a machine that is busy otherwise may take.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static int Rounds => int.Parse(
        Environment.GetEnvironmentVariable("GRIDTOKENX_CRASH_ROUNDS") ?? "50", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_however_often_everything_is_killed()
    {
        await using var server = await PostgresServer.StartAsync();
        var connection = await server.CreateDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connection);
        Database.RegisterTypes();
        _ = await Migrator.ApplyAsync(database, Migration.Embedded(), None);
        var traders = await TradersAsync(database, 24);
        await using var processes = new CloudProcesses(connection, TimeProvider.System.GetUtcNow());
        for (var process = 0; process < CloudProcesses.Count; process++)
        {
            processes.Start(process);
        }

        await Eventually.HoldsAsync(() => processes.AnswersAsync(0), Patience);
        var load = new MarketLoad(processes, traders);
        var running = load.RunAsync(Clients);
        var random = new Random(7);
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                await Task.Delay(random.Next(50, 500));
                await DoHarmAsync(processes, server, round, random);
            }

            await Eventually.HoldsAsync(() => load.Placed.Count > 10 * Rounds, Patience);
            load.End();
            database.Clear();
            await running.WaitAsync(Patience);
            await Eventually.HoldsAsync(() => IsQuietAsync(database), Patience);
        }
        finally
        {
            output.WriteLine(string.Join('\n', processes.Output.TakeLast(40)));
        }

        await ShouldBeWholeAsync(database, load);
    }

    /// <summary>
    /// Every time one process is killed, while the other one works or starts; now and then the database with it, or a
    /// process stands still so long that its work is taken over.
    /// </summary>
    private static async Task DoHarmAsync(CloudProcesses processes, PostgresServer server, int round, Random random)
    {
        var victim = random.Next(CloudProcesses.Count);
        if (round % 10 == 4)
        {
            await processes.SuspendAsync(victim);
            await Task.Delay(round % 20 == 4 ? 6_500 : 1_500);
            await processes.ResumeAsync(victim);
            return;
        }

        if (round % 10 == 9)
        {
            await server.Kill9Async();
            await server.RestartAsync();
            return;
        }

        await processes.KillAsync(victim);
        processes.Start(victim);
        await Eventually.HoldsAsync(() => processes.AnswersAsync(victim), Patience);
    }

    /// <summary>
    /// Every order has ended, every answer of the chain has come, every epoch with trades is settled.
    /// </summary>
    private static async Task<bool> IsQuietAsync(NpgsqlDataSource database) =>
        (await OneAsync<long>(
            database,
            """
            select (select count(*) from market_inbox)
                + (select count(*) from chain_outbox where status not in ('confirmed', 'refused') or not indexed)
                + (select count(*) from orders where escrow not in ('closed', 'refused'))
                + (select count(*) from epochs e where e.status <> 'settled'
                    and exists (select from matches m where m.zone = e.zone and m.epoch = e.number))
            """)) == 0;

    private async Task ShouldBeWholeAsync(NpgsqlDataSource database, MarketLoad load)
    {
        var placed = load.Placed.ToArray();
        output.WriteLine($"{placed.Length} orders and {load.Cancelled.Count} cancellations acknowledged");
        load.Faults.ShouldBeEmpty();
        placed.Length.ShouldBeGreaterThan(10 * Rounds);

        // No order is lost, none is there twice, and the same request gives the same order.
        var orders = (await ManyAsync<Guid>(database, "select id from orders")).ToHashSet();
        placed.Where(order => !orders.Contains(order.Order)).ShouldBeEmpty();
        placed.DistinctBy(static order => order.Order).Count().ShouldBe(placed.Length);
        (await OneAsync<long>(database, "select count(*) from idempotency_keys k join orders o on o.id = k.order_id"))
            .ShouldBe(await OneAsync<long>(database, "select count(*) from idempotency_keys"));
        foreach (var order in placed.Where(static (_, i) => i % 50 == 0))
        {
            (await load.RepeatAsync(order)).ShouldBe(order.Order);
        }

        (await OneAsync<long>(
            database,
            """
            select count(*) from orders o
            where (select count(*) from chain_outbox c where c.kind = 'place_order' and c.intent_id = o.id) <> 1
            """)).ShouldBe(0);
        var cancelled = (await ManyAsync<Guid>(database,
            "select id from orders where status = 'cancelled'")).ToHashSet();
        load.Cancelled.Where(order => !cancelled.Contains(order)).ShouldBeEmpty();

        await ShouldAddUpAsync(database);
        foreach (var zone in await ManyAsync<string>(database, "select zone from market_zones"))
        {
            await ShouldReplayAsync(database, zone);
        }
    }

    /// <summary>What was filled is what was matched, cleared and settled, once.</summary>
    private static async Task ShouldAddUpAsync(NpgsqlDataSource database)
    {
        (await OneAsync<long>(
            database,
            """
            select count(*) from orders o
            where o.filled_wh <> coalesce((
                select sum(m.energy_wh) from matches m where o.id in (m.buy_order, m.sell_order)), 0)
                or o.settled_wh <> o.filled_wh
            """)).ShouldBe(0);
        (await OneAsync<long>(
            database,
            """
            select count(*) from epochs e
            cross join lateral (
                select count(*) as trades, coalesce(sum(m.energy_wh), 0) as volume from matches m
                where m.zone = e.zone and m.epoch = e.number) m
            where e.status in ('cleared', 'settled') and (e.trades <> m.trades or e.volume_wh <> m.volume)
            """)).ShouldBe(0);
        var (matches, settlements, outbox) = await OneAsync<(long, long, long)>(
            database,
            """
            select (select count(*) from matches), (select count(distinct match_id) from settlements),
                   (select count(*) from chain_outbox where kind = 'settle_trade')
            """);
        matches.ShouldBeGreaterThan(0);
        (settlements, outbox).ShouldBe((matches, matches));
    }

    private async Task ShouldReplayAsync(NpgsqlDataSource database, string zone)
    {
        await using var unit = await database.BeginAsync(None, IsolationLevel.RepeatableRead);
        var outcome = await new ZoneReplay(unit.Transaction, zone).RunAsync(None);
        var (first, last, count, writers) = await OneAsync<(long, long, long, long)>(
            database,
            """
            select (select min(sequence) from market_journal where zone = @zone),
                   (select max(sequence) from market_journal where zone = @zone),
                   (select count(*) from market_journal where zone = @zone),
                   (select token from market_zones where zone = @zone)
            """,
            new { zone });
        output.WriteLine($"{zone}: {outcome.Lines} lines, {outcome.Hashes} hashes, {writers} changes of the writer");
        outcome.Fault.ShouldBeNull();
        (first, last - first + 1, outcome.Lines).ShouldBe((1, count, count));
        writers.ShouldBeGreaterThan(1);
        (await JournalMatches.ReadAsync(database, zone)).ShouldBe(await ManyAsync<(Guid, Guid, long, long)>(
            database,
            "select buy_order, sell_order, energy_wh, price from matches where zone = @zone order by sequence",
            new { zone }));
    }

    private static async Task<List<LoadTrader>> TradersAsync(NpgsqlDataSource database, int count)
    {
        List<LoadTrader> traders = [];
        for (var i = 0; i < count; i++)
        {
            var trader = new LoadTrader(SigningKey.Generate(), MarketWorld.RandomKey(), $"zone-{i % 2}");
            await MarketPeople.AddAsync(database, trader.Key.PublicKey, trader.Wallet, trader.Zone, i);
            traders.Add(trader);
        }

        return traders;
    }

    private static async Task<T> OneAsync<T>(NpgsqlDataSource database, string sql, object? arguments = null) =>
        (await database.QueryAsync<T>(sql, arguments, None)).Single();

    private static Task<IReadOnlyList<T>> ManyAsync<T>(
        NpgsqlDataSource database, string sql, object? arguments = null) =>
        database.QueryAsync<T>(sql, arguments, None);
}

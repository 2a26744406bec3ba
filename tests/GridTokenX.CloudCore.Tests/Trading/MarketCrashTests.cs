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
/// Two real processes under load on one database, killed and suspended at random moments, one of them or both, the
/// database too. After every recovery, whatever was acknowledged is there, once; the books are what their journals say;
/// every epoch is cleared once; and energy and money add up. In zones of every way to match.
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
        var books = new CrashBooks(database, load);
        var random = new Random(7);
        var harm = new CrashHarm(processes, server, random, Patience);
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                await Task.Delay(random.Next(50, 500));
                await harm.DoAsync(round);

                // Its connections may be from before the database's end.
                database.Clear();
                await books.ShouldHoldAsync();
            }

            await Eventually.HoldsAsync(() => load.Placed.Count > 10 * Rounds, Patience);
            load.End();
            await running.WaitAsync(Patience);
            await Eventually.HoldsAsync(() => IsQuietAsync(database), Patience);
            await books.ShouldHoldAsync();
        }
        finally
        {
            output.WriteLine(string.Join('\n', processes.Output.TakeLast(40)));
        }

        await ShouldBeWholeAsync(database, load);
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

        await ShouldAddUpAsync(database);
        foreach (var zone in CrashZones.All)
        {
            await ShouldReplayAsync(database, zone);
        }
    }

    /// <summary>What was filled is what was matched, cleared and settled, once.</summary>
    private static async Task ShouldAddUpAsync(NpgsqlDataSource database)
    {
        (await OneAsync<long>(database, "select count(*) from orders where settled_wh <> filled_wh")).ShouldBe(0);
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
        var journal = await JournalMatches.ReadAsync(database, zone);
        journal.Filled.OrderBy(static order => order.Key).Select(static order => (order.Key, order.Value))
            .ShouldBe(await ManyAsync<(long, long)>(
                database,
                "select place, filled_wh from orders where zone = @zone and filled_wh > 0 order by place",
                new { zone }));
        if (!CrashZones.AreLinked(zone))
        {
            journal.Matches.ShouldBe(await ManyAsync<(Guid, Guid, long, long)>(
                database,
                "select buy_order, sell_order, energy_wh, price from matches where zone = @zone order by sequence",
                new { zone }));
        }

        (await OneAsync<bool>(database, "select exists (select from matches where zone = @zone)", new { zone }))
            .ShouldBeTrue(zone);
    }

    private static async Task<List<LoadTrader>> TradersAsync(NpgsqlDataSource database, int count)
    {
        List<LoadTrader> traders = [];
        for (var i = 0; i < count; i++)
        {
            var zone = CrashZones.All[i % CrashZones.All.Count];
            var trader = new LoadTrader(SigningKey.Generate(), MarketWorld.RandomKey(), zone);
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

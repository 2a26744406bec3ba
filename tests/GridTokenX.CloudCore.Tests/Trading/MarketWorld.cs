using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.CrossZone;
using GridTokenX.CloudCore.Effects;
using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Mqtt;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana;
using GridTokenX.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// The market's parts on a database of their own: real orders, workers, outbox and effects, a clock that the test
/// moves, and a chain that answers when the test says so.
/// </summary>
internal sealed partial class MarketWorld : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly OutboxTable _outboxTable;
    private readonly OutboxCloser _closer;
    private readonly ChainEventStore _events;
    private readonly List<IndexedTransaction> _undelivered = [];
    private readonly string _connectionString;
    private int _keys;

    private MarketWorld(
        string connectionString, TradingOptions options, MarketOptions market, IMqttConnection? broker)
    {
        _connectionString = connectionString;
        Options = options;
        Rules = new MarketRules(market);
        Database = NpgsqlDataSource.Create(connectionString);
        Readiness.Set();
        Outbox = new ChainOutbox(Time, Wall);
        Records = new DeviceStateRecords(Database, Time);
        Publisher = new CommandPublisher(
            Database, Readiness, CommandKeys, Time, Wall, NullLogger<CommandPublisher>.Instance, broker);
        Markets = MarketsOn(Database);
        Balances = new RememberedBalances(Chain, Wall, RememberedBalances.Lifetime);
        Cancellation = new OrderCancellation(Database, Outbox, Markets, Time, Wall);
        Placement = PlacementOn(options);
        Expiry = new ExpiryWorker(Database, Outbox, Markets, Time);
        Match = new MatchWorker(Markets, options);
        Auction = AuctionOn(Database);
        Across = new CrossZoneWorker(Markets, options);
        Price = new PriceWorker(Database, Rules, Time);
        Metering = new MeteringWorker(Database, Rules, Time);
        Yields = new YieldWorker(Database, Rules, Time);
        Clearing = ClearingOn(Database);
        Locks = new LockWorker(Database, Time, Publisher);
        _outboxTable = new OutboxTable(Database);
        _closer = new OutboxCloser(
            Database,
            [
                new OrderIntentEffect(Outbox, Time),
                new SettlementEffect(Outbox, Time, NullLogger<SettlementEffect>.Instance),
                new RetireEffect(),
            ],
            _outboxTable,
            new SolanaOptions(),
            Time,
            Wall,
            NullLogger<OutboxCloser>.Instance);
        _events = EventsOn(Database, Markets);
    }

    internal SteppedTime Time { get; } = new(CloudHost.Noon);

    internal WallTime Wall { get; } = new(TimeProvider.System);

    internal DateTimeOffset Now => Time.GetUtcNow();

    internal TradingOptions Options { get; }

    internal MarketRules Rules { get; }

    internal FakeChain Chain { get; } = new();

    internal FixedCommandKeys CommandKeys { get; } = new();

    internal DatabaseReadiness Readiness { get; } = new();

    internal NpgsqlDataSource Database { get; }

    internal ChainOutbox Outbox { get; }

    internal ZoneMarkets Markets { get; }

    internal RememberedBalances Balances { get; }

    internal OrderPlacement Placement { get; }

    internal OrderCancellation Cancellation { get; }

    internal ExpiryWorker Expiry { get; }

    internal MatchWorker Match { get; }

    internal AuctionWorker Auction { get; }

    internal CrossZoneWorker Across { get; }

    internal PriceWorker Price { get; }

    internal MeteringWorker Metering { get; }

    internal YieldWorker Yields { get; }

    internal ClearingWorker Clearing { get; }

    internal LockWorker Locks { get; }

    internal CommandPublisher Publisher { get; }

    internal DeviceStateRecords Records { get; }

    /// <summary>The indexer is behind: events wait until <see cref="DeliverAsync"/>.</summary>
    internal bool HoldsEvents { get; set; }

    /// <summary>Of what happens on chain.</summary>
    internal long Slot { get; set; } = 1;

    internal static async Task<MarketWorld> StartAsync(
        TradingOptions? options = null, IMqttConnection? broker = null, MarketOptions? market = null)
    {
        MarketOptions.Faults(market ?? new MarketOptions()).ShouldBeEmpty();
        GridTokenX.CloudCore.Storage.Database.RegisterTypes();
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var world = new MarketWorld(
            database,
            options ?? new TradingOptions { EscrowWait = TimeSpan.Zero },
            market ?? new MarketOptions(),
            broker);
        _ = await Migrator.ApplyAsync(world.Database, Migration.Embedded(), None);
        return world;
    }

    /// <summary>A second process on the same database.</summary>
    internal NpgsqlDataSource OtherDatabase() => NpgsqlDataSource.Create(_connectionString);

    /// <summary>A second process on the same database, to be stopped anywhere.</summary>
    internal HeldWire Wire() => new(_connectionString);

    /// <summary>The books of a process.</summary>
    internal ZoneMarkets MarketsOn(
        NpgsqlDataSource database, TradingOptions? options = null, MarketOptions? market = null) => new(
        database,
        Outbox,
        Time,
        Wall,
        options ?? Options,
        market is null ? Rules : new MarketRules(market),
        courtesy: TimeSpan.Zero,
        NullLogger<ZoneMarkets>.Instance);

    /// <summary>What a process makes of the chain's events.</summary>
    internal ChainEventStore EventsOn(NpgsqlDataSource database, ZoneMarkets markets) => new(
        database,
        [new OrderEvents(Outbox, Balances, markets, Time), new OwnBurns()],
        NullLogger<ChainEventStore>.Instance);

    internal OrderPlacement PlacementOn(TradingOptions options) =>
        new(Database, Chain, Outbox, Balances, Time, Wall, options, Rules);

    internal ClearingWorker ClearingOn(NpgsqlDataSource database) =>
        new(database, Outbox, Rules, Time, NullLogger<ClearingWorker>.Instance);

    internal AuctionWorker AuctionOn(NpgsqlDataSource database) =>
        new(database, ReferenceEquals(database, Database) ? Markets : MarketsOn(database), Rules, Time);

    internal MatchWorker MatchOn(NpgsqlDataSource database) => new(MarketsOn(database), Options);

    internal Task<OrderOutcome> SellAsync(
        Trader trader, long wh, long price, TimeSpan? expiresIn = null, string? key = null, string? force = null) =>
        Placement.CreateAsync(
            Request(trader, wh, price, sell: true, expiresIn) with { TimeInForce = force },
            Signed(trader, key, $"s{wh}@{price}{force}"),
            None);

    internal Task<OrderOutcome> BuyAsync(
        Trader trader, long wh, long price, TimeSpan? expiresIn = null, string? key = null, string? force = null) =>
        Placement.CreateAsync(
            Request(trader, wh, price, sell: false, expiresIn) with { TimeInForce = force },
            Signed(trader, key, $"b{wh}@{price}{force}"),
            None);

    /// <summary>Sell orders of one request, by their energies.</summary>
    internal Task<IReadOnlyList<OrderOutcome>> SellManyAsync(
        Trader trader, long[] wh, long price, string? key = null) =>
        Placement.CreateAsync(
            [.. wh.Select(energy => Request(trader, energy, price, sell: true, expiresIn: null))],
            Signed(trader, key, $"m{string.Join(',', wh)}@{price}"),
            None);

    internal Task<OrderOutcome> TakeAsync(Trader trader, Guid ask, long? wh = null, string? force = null) =>
        Placement.PurchaseAsync(
            new MatchOrderRequest(trader.Wallet, ask, wh / 1_000m, TimeInForce: force),
            Signed(trader, null, $"t{ask}{wh}{force}"),
            None);

    internal Task<OrderOutcome> CancelAsync(Trader trader, Guid order, string? key = null) =>
        Cancellation.CancelAsync(order, Signed(trader, key, $"c{order}"), None);

    /// <summary>Places a sell order and lets the chain take its escrow.</summary>
    internal async Task<Guid> ActiveAskAsync(
        Trader trader, long wh, long price, TimeSpan? expiresIn = null, string? force = null)
    {
        var order = (await SellAsync(trader, wh, price, expiresIn, force: force)).Order.ShouldNotBeNull();
        _ = await AnswerAsync();
        return order.Id;
    }

    /// <summary>Places a buy order and lets the chain take its escrow.</summary>
    internal async Task<Guid> ActiveBidAsync(
        Trader trader, long wh, long price, TimeSpan? expiresIn = null, string? force = null)
    {
        var order = (await BuyAsync(trader, wh, price, expiresIn, force: force)).Order.ShouldNotBeNull();
        _ = await AnswerAsync();
        return order.Id;
    }

    internal Task<int> MatchAsync() => Match.RunOnceAsync(None);

    /// <summary>
    /// Runs the market's workers in their order until none finds anything to do, as a simulation does.
    /// </summary>
    internal async Task RunAsync()
    {
        int done;
        do
        {
            done = await Auction.RunOnceAsync(None)
                + await Clearing.RunOnceAsync(None)
                + await Expiry.RunOnceAsync(None)
                + await Price.RunOnceAsync(None)
                + await Match.RunOnceAsync(None)
                + await Across.RunOnceAsync(None)
                + await Metering.RunOnceAsync(None)
                + await Locks.RunOnceAsync(None)
                + await Yields.RunOnceAsync(None);
        }
        while (done > 0);
    }

    /// <summary>Every order ends, every epoch is settled, and the chain has answered.</summary>
    internal async Task EndAsync()
    {
        _ = await AnswerAsync();
        await AdvanceAsync(TimeSpan.FromHours(1));
        _ = await AnswerAsync();
        await AdvanceAsync(TimeSpan.FromMinutes(15));
        _ = await AnswerAsync();
    }

    internal async Task AdvanceAsync(TimeSpan by)
    {
        Time.Advance(by);
        await RunAsync();
    }

    /// <summary>The chain answers what lies in the outbox, and what the answers put there.</summary>
    internal async Task<int> AnswerAsync(int most = int.MaxValue)
    {
        var answered = 0;
        while (answered < most)
        {
            var rows = await OpenRowsAsync(Math.Min(most - answered, 200));
            if (rows.Count == 0)
            {
                break;
            }

            foreach (var row in rows)
            {
                await AnswerAsync(row);
            }

            answered += rows.Count;
        }

        return answered;
    }

    /// <summary>The chain answers this one.</summary>
    internal async Task AnswerAsync(OutboxRow row)
    {
        var signature = row.Intent is PlaceOrder { Transaction: { } own }
            ? Transaction.FromBase64(own).Id
            : RandomSignature();
        var stored = await _outboxTable.StoreAsync(
            [(row, new SentTransaction([1], signature, 1, 1, IsShared: false))], None);
        stored.ShouldContain(row.Id);
        var answer = Chain.Execute(row.Intent!);
        await _closer.CloseAsync([new Verdict(row, signature, answer.Error, answer.IsDone)], None);
        await HappenedAsync(signature, [.. answer.Events]);
    }

    /// <summary>Events that somebody else has caused.</summary>
    internal Task HappenedAsync(params ProgramEvent[] events) => HappenedAsync(RandomSignature(), events);

    /// <summary>What a transaction did comes back, unless the indexer is behind.</summary>
    internal Task HappenedAsync(Signature signature, params ProgramEvent[] events)
    {
        lock (_undelivered)
        {
            _undelivered.Add(new IndexedTransaction(signature, Slot, null, events));
        }

        return HoldsEvents ? Task.CompletedTask : DeliverAsync();
    }

    /// <summary>The events that wait, for a process to store them.</summary>
    internal IReadOnlyList<IndexedTransaction> Undelivered()
    {
        lock (_undelivered)
        {
            IndexedTransaction[] transactions = [.. _undelivered];
            _undelivered.Clear();
            return transactions;
        }
    }

    internal async Task DeliverAsync()
    {
        await _events.StoreAsync(Undelivered(), [], None);

        // As the listener does when it hears of it.
        _ = await Markets.RunAsync(ZoneScope.Leaving, None);
    }

    internal async Task<IReadOnlyList<OutboxRow>> OpenRowsAsync(int most = 200)
    {
        await using var connection = await Database.OpenConnectionAsync(None);

        // A day ahead, so that rows which wait before their next attempt are due too.
        return await OutboxTable.DueAsync(connection, Wall.UtcNow.AddDays(1), [], most, None);
    }

    internal async Task<OrderRow> OrderAsync(Guid order) =>
        (await OrderQueries.FindAsync(Database, order, None)).ShouldNotBeNull();

    internal async Task<string> StatusAsync(Guid order) => (await OrderAsync(order)).Status;

    internal async Task ExecuteAsync(string sql, object? arguments = null)
    {
        await using var connection = await Database.OpenConnectionAsync(None);
        _ = await connection.ExecuteAsync(sql, arguments);
    }

    internal Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? arguments = null) =>
        Database.QueryAsync<T>(sql, arguments, None);

    internal async Task<T> OneAsync<T>(string sql, object? arguments = null) =>
        (await QueryAsync<T>(sql, arguments)).Single();

    internal Task<long> CountAsync(string table) =>
        OneAsync<long>(string.Create(CultureInfo.InvariantCulture, $"select count(*) from {table}"));

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    internal static CreateOrderRequest Request(
        Trader trader, long wh, long price, bool sell, TimeSpan? expiresIn = null) => new(
        wh / 1_000m,
        price / 1_000_000m,
        sell ? trader.Wallet : null,
        sell ? null : trader.Wallet,
        ExpiresAt: expiresIn is { } span ? CloudHost.Noon + span : null);

    internal SignedRequest Signed(Trader trader, string? key, string body) => new(
        new Caller(trader.AccessKey, CallerKind.Wallet),
        key ?? string.Create(CultureInfo.InvariantCulture, $"key-{Interlocked.Increment(ref _keys)}"),
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(body)));

    internal static Key32 RandomKey() => new(RandomNumberGenerator.GetBytes(Key32.Length));

    private static Signature RandomSignature() => new(RandomNumberGenerator.GetBytes(Signature.Length));
}

/// <summary>One key for every device.</summary>
internal sealed class FixedCommandKeys : ICommandKeys
{
    public byte[] For(Key32 device) => SHA256.HashData(device.ToArray());
}

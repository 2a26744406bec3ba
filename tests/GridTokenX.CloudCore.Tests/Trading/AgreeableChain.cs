using System.Security.Cryptography;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>A stand-in for the chain: every wallet is rich, and whatever is asked for has happened.</summary>
internal sealed class AgreeableChain : IEnergyChain
{
    private static readonly ChainBalances Rich = new(ulong.MaxValue, new MicroGrx(long.MaxValue));

    private static readonly ChainInfo Info = new(
        "http://127.0.0.1:9",
        KeyOf("grid mint"),
        KeyOf("grx mint"),
        LocalPrograms.EnergyToken.ToKey32(),
        LocalPrograms.Registry.ToKey32(),
        LocalPrograms.Trading.ToKey32(),
        KeyOf("market"),
        KeyOf("grid vault"),
        KeyOf("grx vault"),
        KeyOf("fees"),
        FeeBasisPoints: 100,
        MinPrice: 1,
        MaxPrice: 10_000_000_000,
        SettlementGraceSeconds: 86_400);

    public Key32 Sponsor { get; } = KeyOf("sponsor");

    public ChainInfo Describe() => Info;

    public Task<ChainBalances?> BalancesAsync(Key32 wallet, CancellationToken cancellationToken) =>
        Task.FromResult<ChainBalances?>(Rich);

    public Task<IReadOnlyDictionary<Key32, ChainBalances>> BalancesAsync(
        IReadOnlyList<Key32> wallets, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<Key32, ChainBalances>>(
            wallets.ToDictionary(static wallet => wallet, static _ => Rich));

    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<ChainTotalsOnChain> TotalsAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>In place of everything that talks to a chain.</summary>
    internal static void Replace(IServiceCollection services)
    {
        foreach (var service in services.Where(static service =>
            service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Namespace == typeof(OutboxSender).Namespace).ToList())
        {
            _ = services.Remove(service);
        }

        _ = services
            .RemoveAll<IEnergyChain>()
            .AddSingleton<IEnergyChain, AgreeableChain>()
            .AddHostedService<AgreeableSender>();
    }

    private static Key32 KeyOf(string name) => new(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)));
}

/// <summary>
/// Answers the outbox: the events of a row first, then the row itself, so that after an end in between the same
/// answers come again. It keeps nothing.
/// </summary>
internal sealed class AgreeableSender(
    NpgsqlDataSource database,
    ChainOutbox outbox,
    OutboxTable table,
    OutboxCloser closer,
    ChainEventStore events,
    DatabaseReadiness readiness,
    WallTime wall) : BackgroundService
{
    private const int MaxAtOnce = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await AnswerAsync(stoppingToken) == 0)
                {
                    await outbox.WaitAsync(Pause, stoppingToken);
                }
            }
            catch (Exception exception) when (exception is NpgsqlException)
            {
                await wall.DelayAsync(Pause, stoppingToken);
            }
        }
    }

    private async Task<int> AnswerAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<OutboxRow> rows;
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        {
            rows = await OutboxTable.DueAsync(connection, wall.UtcNow, [], MaxAtOnce, cancellationToken);
        }

        if (rows.Count == 0)
        {
            return 0;
        }

        // Two processes that answer the same rows say the same; one of them changes nothing. What a row is answered
        // with can be told from the row alone, so nothing of it has to be on disk before it is said.
        await events.StoreAsync(
            [.. rows.Select(static row => new IndexedTransaction(SignatureOf(row), 1, null, [EventOf(row.Intent!)]))],
            [],
            cancellationToken);
        _ = await table.StoreAsync(
            [.. rows.Select(static row => (row, new SentTransaction([1], SignatureOf(row), 1, 1, IsShared: false)))],
            cancellationToken);
        await closer.CloseAsync(
            [.. rows.Select(static row => new Verdict(row, SignatureOf(row), null))], cancellationToken);
        return rows.Count;
    }

    private static Signature SignatureOf(OutboxRow row) => new(SHA512.HashData(row.IntentId.ToByteArray()));

    private static ProgramEvent EventOf(ChainIntent intent) => intent switch
    {
        PlaceOrder order => new OrderCreated(
            order.Wallet.ToPublicKey(),
            order.ChainOrderId,
            order.Wallet.ToPublicKey(),
            order.Side == "sell" ? OrderSide.Sell : OrderSide.Buy,
            order.Energy.ToGridBaseUnits(),
            (ulong)order.LimitPrice.Value,
            order.ExpiresAt.ToUnixTimeSeconds(),
            0),
        ReleaseOrder release => new OrderCancelled(
            release.Wallet.ToPublicKey(),
            release.ChainOrderId,
            release.Wallet.ToPublicKey(),
            release.Side == "sell" ? OrderSide.Sell : OrderSide.Buy,
            0,
            OrderClosingReason.Released,
            0),
        SettleTrade trade => new TradeExecuted(
            (ulong)trade.Number,
            trade.SellOrder.ChainOrderId,
            trade.BuyOrder.ChainOrderId,
            trade.SellOrder.Wallet.ToPublicKey(),
            trade.BuyOrder.Wallet.ToPublicKey(),
            trade.Energy.ToGridBaseUnits(),
            (ulong)trade.Price.Value,
            (ulong)trade.Price.ValueOf(trade.Energy).Value,
            (ulong)trade.Price.ValueOf(trade.Energy).Fee(100).Value,
            0),
        _ => throw new NotSupportedException($"{intent.GetType().Name} is none of the market's."),
    };
}

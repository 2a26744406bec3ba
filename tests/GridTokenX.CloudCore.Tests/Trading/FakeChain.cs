using GridTokenX.CloudCore.Chain;
using GridTokenX.Market.Clearing;
using GridTokenX.Programs;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>What the chain made of an intent: a refusal by its name, or events.</summary>
internal sealed record FakeAnswer(string? Error, params IReadOnlyList<ProgramEvent> Events)
{
    /// <summary>Refused, because everything is already as it was wanted.</summary>
    internal bool IsDone { get; init; }
}

/// <summary>
/// The chain as the market sees it: wallets, orders with their escrow, used settlements, a fee account. It refuses what
/// the trading program refuses.
/// </summary>
internal sealed class FakeChain : IEnergyChain
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Key32, (long Wh, long Ugrx)> _wallets = [];
    private readonly Dictionary<(Key32 Wallet, ulong Id), Order> _orders = [];
    private readonly HashSet<long> _used = [];

    private sealed class Order
    {
        internal required string Side { get; init; }

        internal required long Wh { get; init; }

        internal required PricePerKwh Price { get; init; }

        internal required int FeeBasisPoints { get; init; }

        internal long FilledWh { get; set; }

        internal bool IsSell => Side == "sell";

        internal long EscrowWh => IsSell ? Wh - FilledWh : 0;

        internal long EscrowUgrx => IsSell ? 0 : BidEscrow.Rest(Price, new(Wh), new(FilledWh)).Value;
    }

    internal static TradingProgram Trading { get; } =
        new(LocalPrograms.Trading, MarketWorld.RandomKey().ToPublicKey(), MarketWorld.RandomKey().ToPublicKey());

    /// <summary>A test's own reason to refuse an intent; null lets it pass.</summary>
    internal Func<ChainIntent, string?> Refuse { get; set; } = static _ => null;

    internal ChainInfo Info { get; set; } = new(
        "http://127.0.0.1:9",
        Trading.GridMint.ToKey32(),
        Trading.GrxMint.ToKey32(),
        LocalPrograms.EnergyToken.ToKey32(),
        LocalPrograms.Registry.ToKey32(),
        Trading.Id.ToKey32(),
        Trading.Market.ToKey32(),
        Trading.GridVault.ToKey32(),
        Trading.GrxVault.ToKey32(),
        MarketWorld.RandomKey(),
        FeeBasisPoints: 100,
        MinPrice: 1,
        MaxPrice: 10_000_000_000,
        SettlementGraceSeconds: 86_400);

    internal bool IsPrepared { get; set; } = true;

    public Key32 Sponsor { get; } = MarketWorld.RandomKey();

    internal long EscrowWh => Read(() => _orders.Values.Sum(static order => order.EscrowWh));

    internal long EscrowUgrx => Read(() => _orders.Values.Sum(static order => order.EscrowUgrx));

    internal int OpenOrders => Read(() => _orders.Count);

    internal long FeesUgrx { get; private set; }

    internal long RetiredWh { get; private set; }

    internal long TotalWh => Read(() => _wallets.Values.Sum(static wallet => wallet.Wh) + EscrowWh);

    internal long TotalUgrx => Read(() => _wallets.Values.Sum(static wallet => wallet.Ugrx) + EscrowUgrx + FeesUgrx);

    internal (long Wh, long Ugrx) this[Key32 wallet] => Read(() => _wallets.GetValueOrDefault(wallet));

    internal void Give(Key32 wallet, long wh, long ugrx) => _ = Read(() => Move(wallet, wh, ugrx));

    internal FakeAnswer Execute(ChainIntent intent) =>
        Read(() => Refuse(intent) is { } reason ? new FakeAnswer(reason) : Apply(intent));

    /// <summary>The owner, or after its expiry anybody, closes an order without asking us.</summary>
    internal ProgramEvent Close(Key32 wallet, ulong id, OrderClosingReason reason) =>
        Read(() => Closed(wallet, id, reason));

    public Task<ChainBalances?> BalancesAsync(Key32 wallet, CancellationToken cancellationToken) =>
        Task.FromResult(Read(() => _wallets.TryGetValue(wallet, out var purse)
            ? new ChainBalances(new WattHours(purse.Wh).ToGridBaseUnits(), new MicroGrx(purse.Ugrx))
            : null));

    public Task<IReadOnlyDictionary<Key32, ChainBalances>> BalancesAsync(
        IReadOnlyList<Key32> wallets, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<Key32, ChainBalances>>(Read(() => wallets
            .Where(_wallets.ContainsKey)
            .ToDictionary(
                static wallet => wallet,
                wallet => new ChainBalances(
                    new WattHours(_wallets[wallet].Wh).ToGridBaseUnits(), new MicroGrx(_wallets[wallet].Ugrx)))));

    public Task PrepareAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ChainInfo Describe() => IsPrepared ? Info : throw new InvalidOperationException("Not prepared.");

    /// <summary>As of a chain that does not answer: nobody keeps totals here.</summary>
    public Task<ChainTotalsOnChain> TotalsAsync(CancellationToken cancellationToken) =>
        throw new HttpRequestException("The fake chain keeps no totals.");

    private FakeAnswer Apply(ChainIntent intent) => intent switch
    {
        PlaceOrder order => Place(order),
        ReleaseOrder release when _orders.ContainsKey((release.Wallet, release.ChainOrderId)) =>
            new(null, Closed(release.Wallet, release.ChainOrderId, OrderClosingReason.Released)),
        ReleaseOrder => new(nameof(ProgramError.OrderNotActive)) { IsDone = true },
        SettleTrade trade => Settle(trade),
        RetireEnergy retire => Retire(retire),
        _ => new("none of the market's"),
    };

    private FakeAnswer Place(PlaceOrder intent)
    {
        var order = new Order
        {
            Side = intent.Side,
            Wh = intent.Energy.Value,
            Price = intent.LimitPrice,
            FeeBasisPoints = Info.FeeBasisPoints,
        };
        var (wh, ugrx) = _wallets.GetValueOrDefault(intent.Wallet);
        if (wh < order.EscrowWh || ugrx < order.EscrowUgrx)
        {
            return new(nameof(ProgramError.InsufficientBalance));
        }

        if (!_orders.TryAdd((intent.Wallet, intent.ChainOrderId), order))
        {
            return new(nameof(ProgramError.AlreadyInitialized));
        }

        _ = Move(intent.Wallet, -order.EscrowWh, -order.EscrowUgrx);
        return new(null, Created(intent));
    }

    internal static OrderCreated Created(PlaceOrder intent) => new(
        Trading.Order(intent.Wallet.ToPublicKey(), intent.ChainOrderId),
        intent.ChainOrderId,
        intent.Wallet.ToPublicKey(),
        intent.Side == "sell" ? OrderSide.Sell : OrderSide.Buy,
        intent.Energy.ToGridBaseUnits(),
        (ulong)intent.LimitPrice.Value,
        intent.ExpiresAt.ToUnixTimeSeconds(),
        0);

    internal static OrderCancelled Cancelled(PlaceOrder intent) => new(
        Trading.Order(intent.Wallet.ToPublicKey(), intent.ChainOrderId),
        intent.ChainOrderId,
        intent.Wallet.ToPublicKey(),
        intent.Side == "sell" ? OrderSide.Sell : OrderSide.Buy,
        0,
        OrderClosingReason.Cancelled,
        0);

    private FakeAnswer Settle(SettleTrade trade)
    {
        if (_used.Contains(trade.Number))
        {
            return new(nameof(ProgramError.SettlementAlreadyUsed)) { IsDone = true };
        }

        var (seller, buyer) = (trade.SellOrder.Wallet, trade.BuyOrder.Wallet);
        if (!_orders.TryGetValue((seller, trade.SellOrder.ChainOrderId), out var sell)
            || !_orders.TryGetValue((buyer, trade.BuyOrder.ChainOrderId), out var buy))
        {
            return new(nameof(ProgramError.OrderNotActive));
        }

        if (trade.Energy.Value > sell.Wh - sell.FilledWh || trade.Energy.Value > buy.Wh - buy.FilledWh)
        {
            return new(nameof(ProgramError.AmountMismatch));
        }

        if (trade.Price < sell.Price || trade.Price > buy.Price)
        {
            return new(nameof(ProgramError.PriceOutOfBounds));
        }

        _ = _used.Add(trade.Number);
        var before = buy.EscrowUgrx;
        sell.FilledWh += trade.Energy.Value;
        buy.FilledWh += trade.Energy.Value;
        var value = trade.Price.ValueOf(trade.Energy);
        var fee = value.Fee(Math.Min(Info.FeeBasisPoints, sell.FeeBasisPoints));
        FeesUgrx += fee.Value;
        _ = Move(seller, 0, (value - fee).Value);
        _ = Move(buyer, trade.Energy.Value, before - buy.EscrowUgrx - value.Value);
        CloseFilled((seller, trade.SellOrder.ChainOrderId));
        CloseFilled((buyer, trade.BuyOrder.ChainOrderId));
        return new(null, new TradeExecuted(
            (ulong)trade.Number,
            trade.SellOrder.ChainOrderId,
            trade.BuyOrder.ChainOrderId,
            seller.ToPublicKey(),
            buyer.ToPublicKey(),
            trade.Energy.ToGridBaseUnits(),
            (ulong)trade.Price.Value,
            (ulong)value.Value,
            (ulong)fee.Value,
            0));
    }

    private FakeAnswer Retire(RetireEnergy retire)
    {
        if (_wallets.GetValueOrDefault(retire.Wallet).Wh < retire.Energy.Value)
        {
            return new(nameof(ProgramError.InsufficientBalance));
        }

        RetiredWh += retire.Energy.Value;
        _ = Move(retire.Wallet, -retire.Energy.Value, 0);
        return new(null, new TokensRetired(retire.Wallet.ToPublicKey(), retire.Energy.ToGridBaseUnits(), 0));
    }

    private void CloseFilled((Key32 Wallet, ulong Id) key)
    {
        if (_orders[key].FilledWh == _orders[key].Wh)
        {
            _ = _orders.Remove(key);
        }
    }

    private OrderCancelled Closed(Key32 wallet, ulong id, OrderClosingReason reason)
    {
        _ = _orders.Remove((wallet, id), out var order);
        _ = Move(wallet, order!.EscrowWh, order.EscrowUgrx);
        return new OrderCancelled(
            Trading.Order(wallet.ToPublicKey(), id),
            id,
            wallet.ToPublicKey(),
            order.IsSell ? OrderSide.Sell : OrderSide.Buy,
            (ulong)(order.IsSell ? order.EscrowWh * WattHours.GridBaseUnitsPerWh : order.EscrowUgrx),
            reason,
            0);
    }

    private bool Move(Key32 wallet, long wh, long ugrx)
    {
        var (hasWh, hasUgrx) = _wallets.GetValueOrDefault(wallet);
        _wallets[wallet] = (hasWh + wh, hasUgrx + ugrx);
        return true;
    }

    private T Read<T>(Func<T> work)
    {
        lock (_lock)
        {
            return work();
        }
    }
}

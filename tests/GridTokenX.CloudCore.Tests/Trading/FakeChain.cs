using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// The chain as the market sees it: wallets, two escrow pools, a fee account. Refuses what is not covered.
/// </summary>
internal sealed class FakeChain : IEnergyChain
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Key32, (long Wh, long Ugrx)> _wallets = [];
    private readonly HashSet<Key32> _undelegated = [];

    /// <summary>A test's own reason to refuse an intent; null lets it pass.</summary>
    internal Func<ChainIntent, string?> Refuse { get; set; } = static _ => null;

    internal long EscrowWh { get; private set; }

    internal long EscrowUgrx { get; private set; }

    internal long FeesUgrx { get; private set; }

    internal long TotalWh => Read(() => _wallets.Values.Sum(static wallet => wallet.Wh) + EscrowWh);

    internal long TotalUgrx => Read(() => _wallets.Values.Sum(static wallet => wallet.Ugrx) + EscrowUgrx + FeesUgrx);

    internal (long Wh, long Ugrx) this[Key32 wallet] => Read(() => _wallets.GetValueOrDefault(wallet));

    internal void Give(Key32 wallet, long wh, long ugrx) => _ = Read(() => Move(wallet, wh, ugrx));

    internal void Undelegate(Key32 wallet) => _ = Read(() => _undelegated.Add(wallet));

    /// <summary>Null when it was done, the error when it was refused.</summary>
    internal string? Execute(ChainIntent intent) => Read(() => Refuse(intent) ?? Apply(intent));

    public Task<ChainBalances?> BalancesAsync(Key32 wallet, CancellationToken cancellationToken) =>
        Task.FromResult(Read(() => _wallets.TryGetValue(wallet, out var purse)
            ? new ChainBalances(
                new WattHours(purse.Wh).ToGridBaseUnits(), new MicroGrx(purse.Ugrx), !_undelegated.Contains(wallet))
            : null));

    public Task<IReadOnlyDictionary<Key32, ChainBalances>> BalancesAsync(
        IReadOnlyList<Key32> wallets, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PrepareAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ChainInfo Describe() => throw new NotSupportedException();

    public Task<ChainTotalsOnChain> TotalsAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private string? Apply(ChainIntent intent)
    {
        switch (intent)
        {
            case DepositEnergy deposit when _wallets[deposit.Wallet].Wh >= deposit.Energy.Value:
                EscrowWh += deposit.Energy.Value;
                return Move(deposit.Wallet, -deposit.Energy.Value, 0);
            case DepositMoney deposit when _wallets[deposit.Wallet].Ugrx >= deposit.Amount.Value:
                EscrowUgrx += deposit.Amount.Value;
                return Move(deposit.Wallet, 0, -deposit.Amount.Value);
            case RefundEnergy refund when EscrowWh >= refund.Energy.Value:
                EscrowWh -= refund.Energy.Value;
                return Move(refund.Wallet, refund.Energy.Value, 0);
            case RefundMoney refund when EscrowUgrx >= refund.Amount.Value:
                EscrowUgrx -= refund.Amount.Value;
                return Move(refund.Wallet, 0, refund.Amount.Value);
            case SettleTrade trade:
                return Settle(trade);
            default:
                return "insufficient funds";
        }
    }

    private string? Settle(SettleTrade trade)
    {
        var money = trade.ToSeller.Value + trade.Fee.Value + trade.Refund.Value;
        if (EscrowWh < trade.Energy.Value || EscrowUgrx < money)
        {
            return "insufficient funds";
        }

        EscrowWh -= trade.Energy.Value;
        EscrowUgrx -= money;
        FeesUgrx += trade.Fee.Value;
        _ = Move(trade.Seller, 0, trade.ToSeller.Value);
        return Move(trade.Buyer, trade.Energy.Value, trade.Refund.Value);
    }

    private string? Move(Key32 wallet, long wh, long ugrx)
    {
        var (hasWh, hasUgrx) = _wallets.GetValueOrDefault(wallet);
        _wallets[wallet] = (hasWh + wh, hasUgrx + ugrx);
        return null;
    }

    private T Read<T>(Func<T> work)
    {
        lock (_lock)
        {
            return work();
        }
    }
}

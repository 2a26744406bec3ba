using GridTokenX.Programs.Accounts;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <param name="Missing">Those that do not exist, each once.</param>
/// <param name="IsAnyGivenAway">One belongs to somebody else than its receiver.</param>
internal readonly record struct ReceiverAccounts(IReadOnlyList<PublicKey> Missing, bool IsAnyGivenAway);

/// <summary>
/// Looks whether a settlement can ever reach its receivers. The programs pay only to the associated token accounts of
/// the orders' owners, and an owner may hand his own to somebody else: it can then be neither used nor made anew.
/// </summary>
internal sealed class Receivers(SolanaRpcClient rpc, EnergyPrograms programs)
{
    /// <summary>The token accounts that the intent pays into, with their owners.</summary>
    private IReadOnlyList<(Key32 Owner, PublicKey Account)> Of(ChainIntent intent) => intent switch
    {
        MintEnergy mint => [(mint.Wallet, programs.AccountsOf(mint.Wallet).Grid)],
        GrantMoney grant => [(grant.Wallet, programs.AccountsOf(grant.Wallet).Grx)],
        ReleaseOrder { Side: "sell" } release => [(release.Wallet, programs.AccountsOf(release.Wallet).Grid)],
        ReleaseOrder release => [(release.Wallet, programs.AccountsOf(release.Wallet).Grx)],
        SettleTrade trade =>
        [
            (trade.BuyOrder.Wallet, programs.AccountsOf(trade.BuyOrder.Wallet).Grid),
            (trade.BuyOrder.Wallet, programs.AccountsOf(trade.BuyOrder.Wallet).Grx),
            (trade.SellOrder.Wallet, programs.AccountsOf(trade.SellOrder.Wallet).Grx),
        ],
        _ => [],
    };

    /// <summary>
    /// An owner may take his order back on chain and make another with its number, for whose account somebody else has
    /// paid: that is not the one that was matched.
    /// </summary>
    public async Task<bool> AnyOrderIsAnotherAsync(SettleTrade trade, CancellationToken cancellationToken)
    {
        SettledOrder[] orders = [trade.SellOrder, trade.BuyOrder];
        var accounts = await rpc.GetMultipleAccountsAsync(
            [.. orders.Select(order => programs.Trading.Order(order.Wallet.ToPublicKey(), order.ChainOrderId))],
            cancellationToken: cancellationToken);
        return orders.Zip(accounts).Any(pair => pair.Second is { } account
            && account.Owner == programs.Trading.Id
            && OrderAccount.TryParse(account.Data.Span, out var order)
            && order.RentPayer != pair.First.RentPayer.ToPublicKey());
    }

    /// <summary>How the intent's receivers' token accounts are on chain now.</summary>
    public async Task<ReceiverAccounts> LookAsync(ChainIntent intent, CancellationToken cancellationToken)
    {
        var receivers = Of(intent);
        var accounts = await rpc.GetMultipleAccountsAsync(
            [.. receivers.Select(static receiver => receiver.Account)], cancellationToken: cancellationToken);
        var found = receivers.Zip(accounts).ToList();
        return new ReceiverAccounts(
            [.. found.Where(static pair => pair.Second is null).Select(static pair => pair.First.Account).Distinct()],
            found.Exists(static pair => IsOfAnother(pair.First.Owner, pair.Second)));
    }

    // One that is missing can be made.
    private static bool IsOfAnother(Key32 owner, AccountInfo? account) =>
        account is not null
        && account.Owner == TokenProgram.Id
        && account.Data.Length == TokenAccount.Length
        && TokenAccount.Parse(account.Data.Span).Owner != owner.ToPublicKey();
}

using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Looks whether a settlement can ever reach its receivers. The programs pay only to the associated token accounts of
/// the orders' owners, and an owner may hand his own to somebody else: it can then be neither used nor made anew.
/// </summary>
internal sealed class Receivers(SolanaRpcClient rpc, EnergyPrograms programs)
{
    public async Task<bool> AnyIsGivenAwayAsync(SettleTrade trade, CancellationToken cancellationToken)
    {
        var (buyer, seller) = (trade.BuyOrder.Wallet, trade.SellOrder.Wallet);
        (Key32 Owner, PublicKey Account)[] receivers =
        [
            (buyer, programs.AccountsOf(buyer).Grid),
            (buyer, programs.AccountsOf(buyer).Grx),
            (seller, programs.AccountsOf(seller).Grx),
        ];
        var accounts = await rpc.GetMultipleAccountsAsync(
            [.. receivers.Select(static receiver => receiver.Account)], cancellationToken: cancellationToken);
        return receivers.Zip(accounts).Any(static pair => IsOfAnother(pair.First.Owner, pair.Second));
    }

    // One that is missing can be made.
    private static bool IsOfAnother(Key32 owner, AccountInfo? account) =>
        account is not null
        && account.Owner == TokenProgram.Id
        && account.Data.Length == TokenAccount.Length
        && TokenAccount.Parse(account.Data.Span).Owner != owner.ToPublicKey();
}

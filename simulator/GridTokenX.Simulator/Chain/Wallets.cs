using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Homes;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Simulator.Chain;

/// <summary>What a wallet has on chain, beside what its orders hold.</summary>
internal readonly record struct WalletBalance(ulong GridBaseUnits, ulong Ugrx);

/// <summary>The homes' token accounts, looked up together: a hundred a request.</summary>
internal sealed class Wallets(SolanaRpcClient rpc, ChainInfo chain, IReadOnlyList<Home> homes)
{
    private readonly IReadOnlyList<PublicKey> _accounts =
        [.. Accounts(homes, chain.GridMint), .. Accounts(homes, chain.GrxMint)];

    /// <summary>In the order of the homes.</summary>
    public async Task<IReadOnlyList<WalletBalance>> ReadAsync(CancellationToken cancellationToken)
    {
        var infos = await rpc.GetMultipleAccountsAsync(_accounts, cancellationToken: cancellationToken);
        ulong Amount(int i) => infos[i] is { } info ? TokenAccount.Parse(info.Data.Span).Amount : 0;
        return [.. Enumerable.Range(0, homes.Count).Select(i => new WalletBalance(Amount(i), Amount(homes.Count + i)))];
    }

    private static IEnumerable<PublicKey> Accounts(IReadOnlyList<Home> homes, Key32 mint) => homes.Select(home =>
        AssociatedTokenProgram.AssociatedTokenAddress(home.Wallet.OnChain(), mint.OnChain()));
}

using GridTokenX.Programs;
using GridTokenX.Programs.Accounts;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Simulator.Chain;

/// <summary>What the chain itself says, in base units: read from the programs' accounts, past the cloud core.</summary>
internal sealed record ChainLedger
{
    /// <summary>GRID in existence.</summary>
    public required ulong GridSupply { get; init; }

    /// <summary>GRID in the wallets of the neighbourhood.</summary>
    public required Int128 GridInWallets { get; init; }

    public required ulong GridVault { get; init; }

    /// <summary>What the meters' accounts say was settled, Wh.</summary>
    public required Int128 SettledWh { get; init; }

    /// <summary>GRX in existence.</summary>
    public required ulong GrxSupply { get; init; }

    /// <summary>GRX in the wallets of the neighbourhood.</summary>
    public required Int128 GrxInWallets { get; init; }

    public required ulong GrxVault { get; init; }

    public required ulong Fees { get; init; }

    /// <summary>Orders that still have an account.</summary>
    public required int OpenOrders { get; init; }

    /// <summary>What the open sell orders say they have in the vault.</summary>
    public required Int128 GridInOrders { get; init; }

    /// <summary>What the open buy orders say they have in the vault.</summary>
    public required Int128 GrxInOrders { get; init; }

    /// <summary>Lamports of the wallets that pay for themselves.</summary>
    public required Int128 Lamports { get; init; }

    public Int128 GridHeld => GridInWallets + GridVault;

    public Int128 GrxHeld => GrxInWallets + GrxVault + Fees;

    /// <param name="rpc">The chain.</param>
    /// <param name="chain">Which accounts are meant.</param>
    /// <param name="wallets">Of the whole neighbourhood.</param>
    /// <param name="payers">Those of them that pay their fees and rents themselves.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ChainLedger> ReadAsync(
        SolanaRpcClient rpc,
        ChainInfo chain,
        IReadOnlyList<Key32> wallets,
        IReadOnlyList<Key32> payers,
        CancellationToken cancellationToken)
    {
        var orders = await AccountsAsync(
            rpc, chain.Trading, OrderAccount.Discriminator, OrderAccount.Length, cancellationToken);
        var open = orders.Select(static account => OrderAccount.Parse(account.Data.Span)).ToList();
        var meters = await AccountsAsync(
            rpc, chain.Registry, MeterAccount.Discriminator, MeterAccount.Length, cancellationToken);
        return new ChainLedger
        {
            GridSupply = await SupplyAsync(rpc, chain.GridMint, cancellationToken),
            GridInWallets = await SumAsync(rpc, TokenAccountsOf(wallets, chain.GridMint), cancellationToken),
            GridVault = await AmountAsync(rpc, chain.GridVault, cancellationToken),
            SettledWh = Sum(meters.Select(static m => MeterAccount.Parse(m.Data.Span).SettledNetGeneration)),
            GrxSupply = await SupplyAsync(rpc, chain.GrxMint, cancellationToken),
            GrxInWallets = await SumAsync(rpc, TokenAccountsOf(wallets, chain.GrxMint), cancellationToken),
            GrxVault = await AmountAsync(rpc, chain.GrxVault, cancellationToken),
            Fees = await AmountAsync(rpc, chain.FeeAccount, cancellationToken),
            OpenOrders = open.Count,
            GridInOrders = Sum(open.Where(static o => o.Side == OrderSide.Sell).Select(static o => o.Escrowed)),
            GrxInOrders = Sum(open.Where(static o => o.Side == OrderSide.Buy).Select(static o => o.Escrowed)),
            Lamports = await LamportsAsync(rpc, payers, cancellationToken),
        };
    }

    private static async Task<IReadOnlyList<AccountInfo>> AccountsAsync(
        SolanaRpcClient rpc, Key32 program, ulong discriminator, int length, CancellationToken cancellationToken)
    {
        var accounts = await rpc.GetProgramAccountsAsync(
            program.OnChain(),
            [
                AccountFilter.OfSize((ulong)length),
                AccountFilter.With(0, Convert.FromHexString(Discriminator.ToHex(discriminator))),
            ],
            cancellationToken: cancellationToken);
        return [.. accounts.Select(static account => account.Account)];
    }

    private static List<PublicKey> TokenAccountsOf(IReadOnlyList<Key32> wallets, Key32 mint) =>
        [.. wallets.Select(wallet => AssociatedTokenProgram.AssociatedTokenAddress(wallet.OnChain(), mint.OnChain()))];

    private static async Task<ulong> SupplyAsync(
        SolanaRpcClient rpc, Key32 mint, CancellationToken cancellationToken) =>
        (await rpc.GetTokenSupplyAsync(mint.OnChain(), cancellationToken: cancellationToken)).Amount;

    private static async Task<ulong> AmountAsync(
        SolanaRpcClient rpc, Key32 account, CancellationToken cancellationToken) =>
        (await rpc.GetTokenAccountBalanceAsync(account.OnChain(), cancellationToken: cancellationToken)).Amount;

    private static async Task<Int128> SumAsync(
        SolanaRpcClient rpc, IReadOnlyList<PublicKey> accounts, CancellationToken cancellationToken)
    {
        var infos = await rpc.GetMultipleAccountsAsync(accounts, cancellationToken: cancellationToken);
        return Sum(infos.Select(static info => info is null ? 0 : TokenAccount.Parse(info.Data.Span).Amount));
    }

    private static async Task<Int128> LamportsAsync(
        SolanaRpcClient rpc, IReadOnlyList<Key32> payers, CancellationToken cancellationToken)
    {
        var infos = await rpc.GetMultipleAccountsAsync(
            [.. payers.Select(static payer => payer.OnChain())], cancellationToken: cancellationToken);
        return Sum(infos.Select(static info => info?.Lamports ?? 0));
    }

    private static Int128 Sum(IEnumerable<ulong> amounts) =>
        amounts.Aggregate(Int128.Zero, static (sum, amount) => sum + amount);
}

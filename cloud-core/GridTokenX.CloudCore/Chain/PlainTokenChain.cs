using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>GRID and GRX as plain SPL tokens; escrow and authority are the platform's.</summary>
public sealed class PlainTokenChain : IEnergyChain, IIntentTransactions
{
    private readonly SolanaRpcClient _rpc;
    private readonly PlatformKeys _keys;
    private readonly PlainTokens _tokens;
    private readonly PlainTokenSetup _setup;
    private readonly ChainInfo _info;

    public PlainTokenChain(
        SolanaRpcClient rpc, PlatformKeys keys, SolanaOptions options, int feeBasisPoints, PlainTokenSetup setup)
    {
        _rpc = rpc;
        _keys = keys;
        _setup = setup;
        _tokens = setup.Tokens;
        _info = new ChainInfo(
            options.RpcUrl,
            _tokens.GridMint.ToKey32(),
            _tokens.GrxMint.ToKey32(),
            _tokens.Platform.ToKey32(),
            _tokens.GridEscrow.ToKey32(),
            _tokens.GrxEscrow.ToKey32(),
            _tokens.FeeAccount.ToKey32(),
            feeBasisPoints);
    }

    public Task PrepareAsync(CancellationToken cancellationToken) => _setup.RunAsync(cancellationToken);

    public Task EnsureFundsAsync(CancellationToken cancellationToken) => _setup.EnsureFundsAsync(cancellationToken);

    public ChainInfo Describe() => _info;

    public Transaction Sign(ChainIntent intent, int attempts, Blockhash recentBlockhash)
    {
        // Every other attempt does without: an account that changed its owner can be paid to, but not made again, and a
        // receiver must not be able to stop the other side of a settlement.
        var instructions = _tokens.InstructionsOf(intent, createsAccounts: attempts % 2 == 1);
        var message = Message.CompileLegacy(_tokens.Platform, recentBlockhash, instructions);
        return new Transaction(message).Sign(_keys.Platform);
    }

    public async Task<ChainBalances?> BalancesAsync(Key32 wallet, CancellationToken cancellationToken)
    {
        var balances = await BalancesAsync([wallet], cancellationToken);
        return balances.GetValueOrDefault(wallet);
    }

    public async Task<IReadOnlyDictionary<Key32, ChainBalances>> BalancesAsync(
        IReadOnlyList<Key32> wallets, CancellationToken cancellationToken)
    {
        var addresses = new List<PublicKey>(wallets.Count * 2);
        foreach (var wallet in wallets)
        {
            var (grid, grx) = _tokens.AccountsOf(wallet);
            addresses.Add(grid);
            addresses.Add(grx);
        }

        var accounts = await _rpc.GetMultipleAccountsAsync(addresses, cancellationToken: cancellationToken);
        var balances = new Dictionary<Key32, ChainBalances>(wallets.Count);
        for (var i = 0; i < wallets.Count; i++)
        {
            var owner = wallets[i].ToPublicKey();
            var grid = TokenAccountOf(accounts[2 * i], owner, _tokens.GridMint);
            var grx = TokenAccountOf(accounts[(2 * i) + 1], owner, _tokens.GrxMint);
            if (grid is not null || grx is not null)
            {
                balances[wallets[i]] = new ChainBalances(
                    grid?.Amount ?? 0,
                    new MicroGrx(checked((long)(grx?.Amount ?? 0))),
                    IsDelegated(grid) && IsDelegated(grx));
            }
        }

        return balances;
    }

    public async Task<ChainTotalsOnChain> TotalsAsync(CancellationToken cancellationToken)
    {
        // One request, so that the five are of one slot.
        PublicKey[] addresses =
            [_tokens.GridMint, _tokens.GridEscrow, _tokens.GrxMint, _tokens.GrxEscrow, _tokens.FeeAccount];
        var accounts = await _rpc.GetMultipleAccountsAsync(addresses, cancellationToken: cancellationToken);
        return new ChainTotalsOnChain(
            SupplyOf(accounts[0]),
            AmountOf(accounts[1]),
            new MicroGrx(checked((long)SupplyOf(accounts[2]))),
            new MicroGrx(checked((long)AmountOf(accounts[3]))),
            new MicroGrx(checked((long)AmountOf(accounts[4]))));
    }

    // An account that its wallet gave away, or that is no token account, is none of the wallet's.
    private static TokenAccount? TokenAccountOf(AccountInfo? account, PublicKey owner, PublicKey mint)
    {
        if (account is null || account.Owner != TokenProgram.Id || account.Data.Length != TokenAccount.Length)
        {
            return null;
        }

        var parsed = TokenAccount.Parse(account.Data.Span);
        return parsed.Owner == owner && parsed.Mint == mint ? parsed : null;
    }

    private static ulong SupplyOf(AccountInfo? mint) => mint is null ? 0 : Mint.Parse(mint.Data.Span).Supply;

    private static ulong AmountOf(AccountInfo? account) =>
        account is null ? 0 : TokenAccount.Parse(account.Data.Span).Amount;

    private bool IsDelegated(TokenAccount? account) =>
        account is { DelegatedAmount: > 0 } && account.Delegate == _tokens.Platform;
}

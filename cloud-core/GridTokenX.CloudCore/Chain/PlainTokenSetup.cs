using GridTokenX.Protocol.Time;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>An account that the platform needs is there, but is not what it should be: somebody has to look.</summary>
public sealed class ChainSetupException(string message) : Exception(message);

/// <summary>
/// Creates the mints and the platform's token accounts. Every step is one transaction whose effect is looked up on
/// chain before anything is tried again, so it may be stopped at any point and run any number of times.
/// </summary>
public sealed class PlainTokenSetup
{
    private const ulong LamportsPerSol = 1_000_000_000;
    private const ulong Poor = LamportsPerSol / 10;
    private const ulong Airdrop = 5 * LamportsPerSol;
    private const int MaxRounds = 10;
    private static readonly TimeSpan PollDelay = TimeSpan.FromMilliseconds(200);

    private readonly SolanaRpcClient _rpc;
    private readonly PlatformKeys _keys;
    private readonly SolanaOptions _options;
    private readonly WallTime _wallTime;
    private readonly ILogger _logger;

    public PlainTokenSetup(
        SolanaRpcClient rpc,
        PlatformKeys keys,
        SolanaOptions options,
        WallTime wallTime,
        ILogger<PlainTokenSetup> logger)
    {
        _rpc = rpc;
        _keys = keys;
        _options = options;
        _wallTime = wallTime;
        _logger = logger;
        Tokens = new PlainTokens(
            keys.Platform.PublicKey, keys.GridMint.PublicKey, keys.GrxMint.PublicKey, keys.FeeAuthority);
    }

    internal PlainTokens Tokens { get; }

    /// <exception cref="ChainSetupException">An account is there and is not ours.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var missing = await MissingAsync(cancellationToken);
            if (missing.Count == 0)
            {
                return;
            }

            await EnsureFundsAsync(cancellationToken);
            await SendAsync(missing, cancellationToken);
        }

        throw new ChainSetupException($"After {MaxRounds} attempts the chain still lacks the platform's accounts.");
    }

    public async Task EnsureFundsAsync(CancellationToken cancellationToken)
    {
        var balance = await _rpc.GetBalanceAsync(Tokens.Platform, cancellationToken: cancellationToken);
        if (balance >= Poor)
        {
            return;
        }

        if (!_options.AirdropIfPoor)
        {
            Log.PlatformPoor(_logger, Tokens.Platform.ToString(), balance);
            return;
        }

        _ = await _rpc.RequestAirdropAsync(Tokens.Platform, Airdrop, cancellationToken: cancellationToken);
        for (var poll = 0; poll < 100 && balance < Poor; poll++)
        {
            await _wallTime.DelayAsync(PollDelay, cancellationToken);
            balance = await _rpc.GetBalanceAsync(Tokens.Platform, cancellationToken: cancellationToken);
        }
    }

    private async Task<IReadOnlyList<(Instruction[] Instructions, Keypair? Signer)>> MissingAsync(
        CancellationToken cancellationToken)
    {
        PublicKey[] addresses =
            [Tokens.GridMint, Tokens.GrxMint, Tokens.GridEscrow, Tokens.GrxEscrow, Tokens.FeeAccount];
        var found = await _rpc.GetMultipleAccountsAsync(addresses, cancellationToken: cancellationToken);
        var missing = new List<(Instruction[], Keypair?)>();
        if (!IsMint(found[0], "GRID mint", Tokens.GridMint, PlainTokens.GridDecimals))
        {
            var create = await CreateMintAsync(_keys.GridMint, PlainTokens.GridDecimals, cancellationToken);
            missing.Add((create, _keys.GridMint));
        }

        if (!IsMint(found[1], "GRX mint", Tokens.GrxMint, PlainTokens.GrxDecimals))
        {
            var create = await CreateMintAsync(_keys.GrxMint, PlainTokens.GrxDecimals, cancellationToken);
            missing.Add((create, _keys.GrxMint));
        }

        AddAccount(missing, found[2], "GRID escrow", Tokens.Platform, Tokens.GridMint);
        AddAccount(missing, found[3], "GRX escrow", Tokens.Platform, Tokens.GrxMint);
        AddAccount(missing, found[4], "fee account", Tokens.FeeAuthority, Tokens.GrxMint);
        return missing;
    }

    private async Task<Instruction[]> CreateMintAsync(Keypair mint, byte decimals, CancellationToken cancellationToken)
    {
        var rent = await _rpc.GetMinimumBalanceForRentExemptionAsync(Mint.Length, cancellationToken);
        return
        [
            SystemProgram.CreateAccount(Tokens.Platform, mint.PublicKey, rent, Mint.Length, TokenProgram.Id),
            TokenProgram.InitializeMint2(mint.PublicKey, decimals, Tokens.Platform),
        ];
    }

    private void AddAccount(
        List<(Instruction[] Instructions, Keypair? Signer)> missing,
        AccountInfo? found,
        string name,
        PublicKey owner,
        PublicKey mint)
    {
        if (!IsTokenAccount(found, name, owner, mint))
        {
            missing.Add(([AssociatedTokenProgram.CreateIdempotent(Tokens.Platform, owner, mint)], null));
        }
    }

    private bool IsMint(AccountInfo? account, string name, PublicKey address, byte decimals)
    {
        if (account is null)
        {
            return false;
        }

        var mint = account.Owner == TokenProgram.Id && account.Data.Length == Mint.Length
            ? Mint.Parse(account.Data.Span)
            : null;
        return mint is { IsInitialized: true } && mint.MintAuthority == Tokens.Platform && mint.Decimals == decimals
            ? true
            : throw new ChainSetupException(
                $"The {name} {address} is there, but is no mint of {decimals} decimals under {Tokens.Platform}.");
    }

    private static bool IsTokenAccount(AccountInfo? account, string name, PublicKey owner, PublicKey mint)
    {
        if (account is null)
        {
            return false;
        }

        var token = account.Owner == TokenProgram.Id && account.Data.Length == TokenAccount.Length
            ? TokenAccount.Parse(account.Data.Span)
            : null;
        return token is { State: TokenAccountState.Initialized } && token.Owner == owner && token.Mint == mint
            ? true
            : throw new ChainSetupException($"The {name} is there, but is no account of {owner} for the mint {mint}.");
    }

    private async Task SendAsync(
        IReadOnlyList<(Instruction[] Instructions, Keypair? Signer)> missing, CancellationToken cancellationToken)
    {
        var latest = await _rpc.GetLatestBlockhashAsync(cancellationToken: cancellationToken);
        var instructions = missing.SelectMany(static step => step.Instructions).ToArray();
        var transaction = new Transaction(Message.CompileLegacy(Tokens.Platform, latest.Blockhash, instructions));
        Keypair[] signers = [_keys.Platform, .. missing.Select(static step => step.Signer).OfType<Keypair>()];
        _ = transaction.Sign(signers);
        try
        {
            _ = await _rpc.SendTransactionAsync(transaction, cancellationToken: cancellationToken);
        }
        catch (SolanaRpcException refusal) when (refusal.TransactionError is not null)
        {
            // Landed before, created by another process, or no funds yet: the next look at the chain decides.
            Log.ChainSetupRefused(_logger, refusal.Message);
            await _wallTime.DelayAsync(PollDelay, cancellationToken);
            return;
        }

        await UntilLandedAsync(transaction.Id, latest.LastValidBlockHeight, cancellationToken);
    }

    private async Task UntilLandedAsync(
        Signature signature, ulong lastValidBlockHeight, CancellationToken cancellationToken)
    {
        while (true)
        {
            var height = await _rpc.GetBlockHeightAsync(cancellationToken: cancellationToken);
            var status = (await _rpc.GetSignatureStatusesAsync([signature], cancellationToken: cancellationToken))[0];
            if (status?.Commitment >= _options.Commitment || height > lastValidBlockHeight)
            {
                return;
            }

            await _wallTime.DelayAsync(PollDelay, cancellationToken);
        }
    }
}

using GridTokenX.Programs;
using GridTokenX.Programs.Accounts;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>What is on chain is not what it should be: somebody has to look.</summary>
public sealed class ChainSetupException(string message) : Exception(message);

/// <summary>
/// Initialises what is missing: the GRX mint, the fee account, the three programs. Every step is one transaction whose
/// effect is looked up on chain before anything is tried again, so it may be stopped at any point and run any number of
/// times.
/// </summary>
internal sealed class ProgramSetup(
    SolanaRpcClient rpc,
    PlatformKeys keys,
    EnergyPrograms programs,
    PlatformTransactions transactions,
    SolanaOptions options,
    CloudOptions cloud)
{
    private const int MaxRounds = 10;

    private readonly ProgramChecks _checks = new(programs, keys);

    /// <summary>The market as it stands.</summary>
    /// <exception cref="ChainSetupException">What is there is not ours, or cannot be initialised from here.</exception>
    public async Task<MarketAccount> RunAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var found = await ReadAsync(cancellationToken);
            var missing = await MissingAsync(found, cancellationToken);
            if (missing.Count == 0)
            {
                return found.Market!;
            }

            await transactions.EnsureFundsAsync(cancellationToken);
            foreach (var (instructions, signers) in missing)
            {
                await transactions.SendAsync(instructions, signers, cancellationToken);
            }
        }

        throw new ChainSetupException($"After {MaxRounds} attempts the chain still lacks the platform's accounts.");
    }

    private async Task<Found> ReadAsync(CancellationToken cancellationToken)
    {
        PublicKey[] addresses =
        [
            programs.GrxMint, programs.FeeAccount, programs.Registry.Registry, programs.EnergyToken.TokenConfig,
            programs.Trading.Market, .. programs.Ids,
        ];
        var accounts = await rpc.GetMultipleAccountsAsync(addresses, cancellationToken: cancellationToken);
        for (var i = 0; i < programs.Ids.Count; i++)
        {
            if (accounts[^(programs.Ids.Count - i)] is not { IsExecutable: true })
            {
                throw new ChainSetupException($"There is no program at {programs.Ids[i]}: is it deployed there?");
            }
        }

        return new Found(
            _checks.GrxMint(accounts[0]),
            _checks.FeeAccount(accounts[1]),
            _checks.Registry(accounts[2]),
            _checks.TokenConfig(accounts[3]),
            _checks.Market(accounts[4]));
    }

    private async Task<List<(Instruction[] Instructions, Keypair[] Signers)>> MissingAsync(
        Found found, CancellationToken cancellationToken)
    {
        var missing = new List<(Instruction[], Keypair[])>();
        var payer = keys.Platform.PublicKey;
        if (!found.HasGrxMint)
        {
            missing.Add((await CreateGrxMintAsync(cancellationToken), [keys.GrxMint]));
        }

        if (!found.HasFeeAccount)
        {
            var create = AssociatedTokenProgram.CreateIdempotent(payer, programs.FeeAuthority, programs.GrxMint);
            missing.Add(([create], []));
        }

        if (found is { Registry: not null, TokenConfig: not null, Market: not null })
        {
            return missing;
        }

        var admin = await AdminAsync(found, cancellationToken);
        if (found.Registry is null)
        {
            var initialize = programs.Registry.Initialize(
                payer, admin.PublicKey, payer, keys.Oracle.PublicKey, programs.EnergyToken.Id, Limits());
            missing.Add(([initialize], [admin]));
        }

        if (found.TokenConfig is null)
        {
            var initialize = programs.EnergyToken.Initialize(payer, admin.PublicKey, programs.Registry.Registry);
            missing.Add(([initialize], [admin]));
        }

        if (found.Market is null)
        {
            var initialize = programs.Trading.InitializeMarket(
                payer, admin.PublicKey, programs.FeeAccount, MarketSettings());
            missing.Add(([initialize], [admin]));
        }

        return missing;
    }

    /// <summary>The key that may initialise; says now what the chain would refuse.</summary>
    private async Task<Keypair> AdminAsync(Found found, CancellationToken cancellationToken)
    {
        if (keys.Admin is not { } admin)
        {
            throw new ChainSetupException(
                $"The programs are not initialised, and admin.json, the key of their upgrade authority, is not in "
                + $"{cloud.KeyFolder}.");
        }

        PublicKey[] waiting =
        [
            .. found.Registry is null ? [programs.Registry.Id] : Array.Empty<PublicKey>(),
            .. found.TokenConfig is null ? [programs.EnergyToken.Id] : Array.Empty<PublicKey>(),
            .. found.Market is null ? [programs.Trading.Id] : Array.Empty<PublicKey>(),
        ];
        var data = await rpc.GetMultipleAccountsAsync(
            [.. waiting.Select(UpgradeableLoader.ProgramData)], cancellationToken: cancellationToken);
        for (var i = 0; i < waiting.Length; i++)
        {
            var authority = data[i] is { } account ? UpgradeableLoader.ReadUpgradeAuthority(account.Data.Span) : null;
            if (authority != admin.PublicKey)
            {
                throw new ChainSetupException(
                    $"The program {waiting[i]} is not initialised, and only its upgrade authority "
                    + $"({authority?.ToString() ?? "it has none"}) can do so; admin.json is {admin.PublicKey}.");
            }
        }

        return admin;
    }

    private async Task<Instruction[]> CreateGrxMintAsync(CancellationToken cancellationToken)
    {
        var (payer, mint) = (keys.Platform.PublicKey, programs.GrxMint);
        var rent = await rpc.GetMinimumBalanceForRentExemptionAsync(Mint.Length, cancellationToken);
        return
        [
            SystemProgram.CreateAccount(payer, mint, rent, Mint.Length, TokenProgram.Id),
            TokenProgram.InitializeMint2(mint, Quantities.GrxDecimals, payer),
        ];
    }

    private ReadingLimits Limits() => new(
        (ulong)options.Setup.MinReadingInterval.TotalSeconds,
        (ulong)options.Setup.MaxPowerW,
        (ulong)options.Setup.MaxAhead.TotalSeconds);

    private MarketSettings MarketSettings() => new(
        (ushort)cloud.FeeBasisPoints,
        (ulong)options.Setup.MinPrice.Value,
        (ulong)options.Setup.MaxPrice.Value,
        [keys.Matcher.PublicKey]);

    private sealed record Found(
        bool HasGrxMint,
        bool HasFeeAccount,
        RegistryAccount? Registry,
        TokenConfigAccount? TokenConfig,
        MarketAccount? Market);
}

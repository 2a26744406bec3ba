using GridTokenX.Programs;
using GridTokenX.Programs.Accounts;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Whether what the chain holds is what our keys and settings belong to. Null or false: it is not there yet; another
/// one than ours: <see cref="ChainSetupException"/>.
/// </summary>
internal sealed class ProgramChecks(EnergyPrograms programs, PlatformKeys keys)
{
    public bool GrxMint(AccountInfo? account)
    {
        if (account is null)
        {
            return false;
        }

        var platform = keys.Platform.PublicKey;
        var mint = account.Owner == TokenProgram.Id && account.Data.Length == Mint.Length
            ? Mint.Parse(account.Data.Span)
            : null;
        return mint is { IsInitialized: true, Decimals: Quantities.GrxDecimals } && mint.MintAuthority == platform
            ? true
            : throw new ChainSetupException(
                $"The GRX mint {programs.GrxMint} is there, but is no mint of {Quantities.GrxDecimals} decimals under "
                + $"{platform}.");
    }

    public bool FeeAccount(AccountInfo? account)
    {
        if (account is null)
        {
            return false;
        }

        var token = account.Owner == TokenProgram.Id && account.Data.Length == TokenAccount.Length
            ? TokenAccount.Parse(account.Data.Span)
            : null;
        return token is { State: TokenAccountState.Initialized }
            && token.Owner == programs.FeeAuthority
            && token.Mint == programs.GrxMint
            ? true
            : throw new ChainSetupException(
                $"The fee account {programs.FeeAccount} is there, but is no account of {programs.FeeAuthority} for "
                + $"the mint {programs.GrxMint}.");
    }

    public RegistryAccount? Registry(AccountInfo? account)
    {
        if (!IsOf(account, programs.Registry.Id))
        {
            return null;
        }

        if (!RegistryAccount.TryParse(account.Data.Span, out var registry))
        {
            throw Unknown("registry", programs.Registry.Registry);
        }

        Demand("registry", "registrar", registry.Registrar, keys.Platform.PublicKey);
        Demand("registry", "oracle", registry.Oracle, keys.Oracle.PublicKey);
        Demand("registry", "energy token program", registry.EnergyToken, programs.EnergyToken.Id);
        return registry;
    }

    public TokenConfigAccount? TokenConfig(AccountInfo? account)
    {
        if (!IsOf(account, programs.EnergyToken.Id))
        {
            return null;
        }

        if (!TokenConfigAccount.TryParse(account.Data.Span, out var config))
        {
            throw Unknown("energy token", programs.EnergyToken.TokenConfig);
        }

        Demand("energy token", "registry", config.Registry, programs.Registry.Registry);
        Demand("energy token", "mint", config.Mint, programs.GridMint);
        return config;
    }

    public MarketAccount? Market(AccountInfo? account)
    {
        if (!IsOf(account, programs.Trading.Id))
        {
            return null;
        }

        if (!MarketAccount.TryParse(account.Data.Span, out var market))
        {
            throw Unknown("market", programs.Trading.Market);
        }

        Demand("market", "GRID mint", market.GridMint, programs.GridMint);
        Demand("market", "GRX mint", market.GrxMint, programs.GrxMint);
        Demand("market", "fee account", market.FeeAccount, programs.FeeAccount);
        return market.Settings.Matchers.Contains(keys.Matcher.PublicKey)
            ? market
            : throw new ChainSetupException(
                $"The market on chain does not know our matcher {keys.Matcher.PublicKey} (matcher.json); its "
                + $"administrator {market.Admin} has to add it.");
    }

    // Somebody may have sent lamports to the address before: then it belongs to the system program.
    private static bool IsOf([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] AccountInfo? account, PublicKey owner)
        => account is not null && account.Owner == owner;

    private static ChainSetupException Unknown(string what, PublicKey address) =>
        new($"The {what} account {address} is there, but not in a form that this version knows.");

    private static void Demand(string where, string what, PublicKey onChain, PublicKey ours)
    {
        if (onChain != ours)
        {
            throw new ChainSetupException($"The {where} on chain says that the {what} is {onChain}; ours is {ours}.");
        }
    }
}

using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Balances of a wallet in base units; what its orders hold in escrow is not among them.</summary>
public sealed record ChainBalances(ulong GridBaseUnits, MicroGrx Grx);

/// <summary>The supplies, the market's vaults and the fee account, in base units.</summary>
public sealed record ChainTotalsOnChain(
    ulong GridSupply, ulong GridVault, MicroGrx GrxSupply, MicroGrx GrxVault, MicroGrx Fees);

/// <summary>
/// The one narrow port between the market and the chain's programs. The outbox sends what it builds, the indexer brings
/// back what happened; everybody else reads through it.
/// </summary>
public interface IEnergyChain
{
    /// <summary>
    /// Initialises what is missing (programs, mints, market, fee account). Idempotent; run before anything else.
    /// </summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>What wallets need to know, the fee and the bounds as the market account says.</summary>
    /// <exception cref="InvalidOperationException">Not prepared yet.</exception>
    ChainInfo Describe();

    /// <summary>Pays for the order accounts of managed wallets, and gets their rent back.</summary>
    Key32 Sponsor { get; }

    /// <summary>
    /// Null when the wallet has neither a GRID nor a GRX account; a missing one of the two holds nothing.
    /// </summary>
    Task<ChainBalances?> BalancesAsync(Key32 wallet, CancellationToken cancellationToken);

    /// <summary>The same for many wallets, in few requests.</summary>
    Task<IReadOnlyDictionary<Key32, ChainBalances>> BalancesAsync(
        IReadOnlyList<Key32> wallets, CancellationToken cancellationToken);

    Task<ChainTotalsOnChain> TotalsAsync(CancellationToken cancellationToken);
}

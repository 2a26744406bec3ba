using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Balances of a wallet in base units, and whether it lets the platform move tokens into escrow.</summary>
public sealed record ChainBalances(ulong GridBaseUnits, MicroGrx Grx, bool EscrowDelegated);

/// <summary>The supplies and the platform's own accounts, in base units.</summary>
public sealed record ChainTotalsOnChain(
    ulong GridSupply, ulong GridEscrow, MicroGrx GrxSupply, MicroGrx GrxEscrow, MicroGrx Fees);

/// <summary>
/// The one narrow port between the market and the chain: today plain SPL tokens, tomorrow our own programs. The outbox
/// sends what it builds; everybody else reads through it.
/// </summary>
public interface IEnergyChain
{
    /// <summary>
    /// Creates what is missing (mints, escrow and fee accounts). Idempotent; run before anything else.
    /// </summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>What wallets need to know.</summary>
    ChainInfo Describe();

    /// <summary>
    /// Null when the wallet has neither a GRID nor a GRX account; a missing one of the two holds nothing.
    /// </summary>
    Task<ChainBalances?> BalancesAsync(Key32 wallet, CancellationToken cancellationToken);

    /// <summary>The same for many wallets, in few requests.</summary>
    Task<IReadOnlyDictionary<Key32, ChainBalances>> BalancesAsync(
        IReadOnlyList<Key32> wallets, CancellationToken cancellationToken);

    Task<ChainTotalsOnChain> TotalsAsync(CancellationToken cancellationToken);
}

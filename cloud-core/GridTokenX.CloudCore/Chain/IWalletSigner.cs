using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Signs for wallets whose keys lie on the server.</summary>
public interface IWalletSigner
{
    /// <summary>Adds the wallet's signature; false when the wallet is not a managed one.</summary>
    Task<bool> TrySignAsync(Key32 wallet, Transaction transaction, CancellationToken cancellationToken);
}

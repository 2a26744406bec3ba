using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Simulator.Chain;

/// <summary>What users who keep their own keys need on chain beforehand: SOL for fees and rent.</summary>
internal sealed class ChainWallets(SolanaRpcClient rpc, WallTime time)
{
    private const ulong LamportsWanted = 1_000_000_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>What the wallet holds then; asks the faucet only when that is too little.</summary>
    /// <exception cref="SolanaException">The chain was away for too long.</exception>
    public async Task<ulong> FundAsync(PublicKey wallet, CancellationToken cancellationToken)
    {
        // An airdrop is not repeated after a fault, as it may have arrived: the balance tells. Asking for it bounds the
        // loop as well, since the RPC client gives up on a node that stays away.
        ulong lamports;
        while ((lamports = await rpc.GetBalanceAsync(wallet, cancellationToken: cancellationToken))
            < LamportsWanted / 2)
        {
            try
            {
                _ = await rpc.RequestAirdropAsync(wallet, LamportsWanted, cancellationToken: cancellationToken);
            }
            catch (SolanaTransportException exception) when (exception.IsTransient)
            {
                await time.DelayAsync(Pause, cancellationToken);
            }

            await time.DelayAsync(Pause, cancellationToken);
        }

        return lamports;
    }
}

internal static class ChainKeys
{
    /// <summary>The same 32 bytes, as the Solana library names them.</summary>
    public static PublicKey OnChain(this Key32 key) => new(key.ToArray());
}

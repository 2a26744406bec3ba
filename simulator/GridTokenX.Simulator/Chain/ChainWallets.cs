using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;
using GridTokenX.Solana.Sending;

namespace GridTokenX.Simulator.Chain;

/// <summary>What users do on the chain alone: get SOL for fees, open token accounts, let the platform escrow.</summary>
internal sealed class ChainWallets(SolanaRpcClient rpc, WallTime time)
{
    private const ulong LamportsWanted = 1_000_000_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TransactionSender _sender = new(rpc, new TransactionSenderOptions(), time.Clock);

    /// <summary>Makes the wallet ready to trade; does only what is still missing.</summary>
    /// <exception cref="SolanaException">The chain refused, or was away for too long.</exception>
    public async Task OpenAsync(Keypair wallet, ChainInfo chain, CancellationToken cancellationToken)
    {
        await FundAsync(wallet.PublicKey, cancellationToken);
        var owner = wallet.PublicKey;
        var platform = chain.EscrowDelegate.OnChain();
        var instructions = new List<Instruction>();
        foreach (var mint in (Key32[])[chain.GridMint, chain.GrxMint])
        {
            var account = AssociatedTokenProgram.AssociatedTokenAddress(owner, mint.OnChain());
            instructions.Add(AssociatedTokenProgram.CreateIdempotent(owner, owner, mint.OnChain()));
            instructions.Add(TokenProgram.Approve(account, platform, owner, ulong.MaxValue));
        }

        var outcome = await _sender.SendAndConfirmAsync(instructions, [wallet], cancellationToken);
        _ = outcome.RequireConfirmed();
    }

    private async Task FundAsync(PublicKey wallet, CancellationToken cancellationToken)
    {
        // An airdrop is not repeated after a fault, as it may have arrived: the balance tells. Asking for it bounds the
        // loop as well, since the RPC client gives up on a node that stays away.
        while (await rpc.GetBalanceAsync(wallet, cancellationToken: cancellationToken) < LamportsWanted / 2)
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
    }
}

internal static class ChainKeys
{
    /// <summary>The same 32 bytes, as the Solana library names them.</summary>
    public static PublicKey OnChain(this Key32 key) => new(key.ToArray());
}

using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Simulator.Chain;

/// <summary>What a user does on the chain alone: gets SOL for fees, opens token accounts, lets the platform escrow.</summary>
internal sealed class ChainWallet(SolanaRpcClient rpc, WallTime time)
{
    private const ulong LamportsWanted = 1_000_000_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Makes the wallet ready to trade; does only what is still missing.</summary>
    public async Task OpenAsync(Keypair wallet, ChainInfo chain, CancellationToken cancellationToken)
    {
        await FundAsync(wallet.PublicKey, cancellationToken);
        var owner = wallet.PublicKey;
        var platform = chain.EscrowDelegate.OnChain();
        var instructions = new List<Instruction>();
        foreach (var mint in (ReadOnlySpan<Key32>)[chain.GridMint, chain.GrxMint])
        {
            var account = AssociatedTokenProgram.AssociatedTokenAddress(owner, mint.OnChain());
            instructions.Add(AssociatedTokenProgram.CreateIdempotent(owner, owner, mint.OnChain()));
            instructions.Add(TokenProgram.Approve(account, platform, owner, ulong.MaxValue));
        }

        await SendAsync(wallet, instructions, cancellationToken);
    }

    private async Task FundAsync(PublicKey wallet, CancellationToken cancellationToken)
    {
        // An airdrop is not repeated after a fault, as it may have arrived: the balance tells.
        while (await rpc.GetBalanceAsync(wallet, cancellationToken: cancellationToken) < LamportsWanted / 2)
        {
            try
            {
                _ = await rpc.RequestAirdropAsync(wallet, LamportsWanted, cancellationToken: cancellationToken);
            }
            catch (SolanaTransportException exception) when (exception.IsTransient)
            {
                await time.DelayAsync(Pause * 10, cancellationToken);
            }

            await time.DelayAsync(Pause, cancellationToken);
        }
    }

    /// <summary>Sends until the chain has confirmed; signs anew only once the old transaction can no longer land.</summary>
    private async Task SendAsync(
        Keypair wallet, IReadOnlyList<Instruction> instructions, CancellationToken cancellationToken)
    {
        while (true)
        {
            var latest = await rpc.GetLatestBlockhashAsync(cancellationToken: cancellationToken);
            var message = Message.CompileLegacy(wallet.PublicKey, latest.Blockhash, instructions);
            var transaction = new Transaction(message).Sign(wallet);
            _ = await rpc.SendTransactionAsync(transaction, cancellationToken: cancellationToken);
            if (await ConfirmAsync(transaction.Id, latest.LastValidBlockHeight, cancellationToken))
            {
                return;
            }
        }
    }

    private async Task<bool> ConfirmAsync(Signature signature, ulong lastValid, CancellationToken cancellationToken)
    {
        while (true)
        {
            var height = await rpc.GetBlockHeightAsync(cancellationToken: cancellationToken);
            var statuses = await rpc.GetSignatureStatusesAsync([signature], cancellationToken: cancellationToken);
            if (statuses[0] is { } status && status.Commitment >= Commitment.Confirmed)
            {
                return status.Error is null
                    ? true
                    : throw new InvalidOperationException($"The chain refused to open a wallet: {status.Error}.");
            }

            if (height > lastValid)
            {
                return false;
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

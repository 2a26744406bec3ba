using GridTokenX.Protocol.Time;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Transactions of the platform itself, outside the outbox: whether one has done its work is looked up in the accounts
/// afterwards, so it may be sent any number of times.
/// </summary>
internal sealed class PlatformTransactions(
    SolanaRpcClient rpc,
    PlatformKeys keys,
    SolanaOptions options,
    WallTime wallTime,
    ILogger<PlatformTransactions> logger)
{
    private const ulong LamportsPerSol = 1_000_000_000;
    private const ulong Poor = LamportsPerSol / 10;
    private const ulong Airdrop = 5 * LamportsPerSol;
    private const int MaxPolls = 100;
    private static readonly TimeSpan PollDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>Looks whether the acting keys can pay; on a test net it asks the faucet.</summary>
    public async Task EnsureFundsAsync(CancellationToken cancellationToken)
    {
        PublicKey[] payers = [.. keys.Payers.Select(static key => key.PublicKey)];
        var accounts = await rpc.GetMultipleAccountsAsync(payers, cancellationToken: cancellationToken);
        foreach (var (payer, account) in payers.Zip(accounts))
        {
            var balance = account?.Lamports ?? 0;
            if (balance < Poor)
            {
                await FundAsync(payer, balance, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Returns when the transaction has landed, has been refused, or can no longer land. The platform pays.
    /// </summary>
    public async Task SendAsync(
        IReadOnlyList<Instruction> instructions, Keypair[] signers, CancellationToken cancellationToken)
    {
        var latest = await rpc.GetLatestBlockhashAsync(cancellationToken: cancellationToken);
        var message = Message.CompileLegacy(keys.Platform.PublicKey, latest.Blockhash, instructions);
        var transaction = new Transaction(message).Sign([keys.Platform, .. signers]);
        try
        {
            _ = await rpc.SendTransactionAsync(transaction, cancellationToken: cancellationToken);
        }
        catch (SolanaRpcException refusal) when (refusal.TransactionError is not null)
        {
            // Landed before, done by another process, or no funds yet: the next look at the chain decides.
            Log.ChainSetupRefused(logger, refusal.Message);
            await wallTime.DelayAsync(PollDelay, cancellationToken);
            return;
        }

        await UntilLandedAsync(transaction.Id, latest.LastValidBlockHeight, cancellationToken);
    }

    private async Task FundAsync(PublicKey payer, ulong balance, CancellationToken cancellationToken)
    {
        if (!options.AirdropIfPoor)
        {
            Log.PlatformPoor(logger, payer.ToString(), balance);
            return;
        }

        _ = await rpc.RequestAirdropAsync(payer, Airdrop, cancellationToken: cancellationToken);
        for (var poll = 0; poll < MaxPolls && balance < Poor; poll++)
        {
            await wallTime.DelayAsync(PollDelay, cancellationToken);
            balance = await rpc.GetBalanceAsync(payer, cancellationToken: cancellationToken);
        }
    }

    private async Task UntilLandedAsync(
        Signature signature, ulong lastValidBlockHeight, CancellationToken cancellationToken)
    {
        while (true)
        {
            var height = await rpc.GetBlockHeightAsync(cancellationToken: cancellationToken);
            var status = (await rpc.GetSignatureStatusesAsync([signature], cancellationToken: cancellationToken))[0];
            if (status?.Commitment >= options.Commitment || height > lastValidBlockHeight)
            {
                return;
            }

            await wallTime.DelayAsync(PollDelay, cancellationToken);
        }
    }
}

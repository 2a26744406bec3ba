using GridTokenX.Programs;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Asks the chain what became of rows' transactions, and turns the answers into what happens to the rows.
/// </summary>
internal sealed class OutboxVerdicts(
    SolanaRpcClient rpc,
    OutboxTable table,
    OutboxCloser closer,
    DoneOnChain done,
    Receivers receivers,
    PaidTokenAccounts paid,
    SolanaOptions options,
    WallTime wallTime,
    ILogger<OutboxVerdicts> logger)
{
    /// <summary>For each row in its order; rows of one transaction ask once.</summary>
    public async Task<IReadOnlyList<SignatureStatus?>> StatusesAsync(
        IReadOnlyList<OutboxRow> rows, bool searchHistory, CancellationToken cancellationToken)
    {
        var signatures = rows.Select(static row => row.Sent!.Signature).Distinct().ToList();
        var statuses = await rpc.GetSignatureStatusesAsync(signatures, searchHistory, cancellationToken);
        var bySignature = signatures.Zip(statuses).ToDictionary(static s => s.First, static s => s.Second);
        return [.. rows.Select(row => bySignature[row.Sent!.Signature])];
    }

    /// <param name="decided">Rows with final answers.</param>
    /// <param name="cancellationToken">Of the batch.</param>
    public async Task ActAsync(
        IReadOnlyList<(OutboxRow Row, SignatureStatus Status)> decided, CancellationToken cancellationToken)
    {
        var verdicts = new List<Verdict>(decided.Count);
        foreach (var (row, status) in decided)
        {
            if (status.Error is not { } error)
            {
                verdicts.Add(new Verdict(row, row.Sent!.Signature, Error: null));
            }
            else if (!row.Sent!.IsShared && await JudgeAsync(row, error, cancellationToken) is { } verdict)
            {
                verdicts.Add(verdict);
            }
        }

        foreach (var pack in decided
            .Where(static pair => pair.Status.Error is not null && pair.Row.Sent!.IsShared)
            .GroupBy(static pair => pair.Status))
        {
            var name = Refusals.NameOf(pack.Key.Error!);
            Log.PackRefused(logger, pack.Count(), name);
            await table.SeparateAsync([.. pack.Select(static pair => pair.Row)], name, cancellationToken);
        }

        await closer.CloseAsync(verdicts, cancellationToken);
    }

    /// <summary>The owner's transaction can no longer land: the order is there already, or never will be.</summary>
    public async Task BroughtOneExpiredAsync(OutboxRow row, CancellationToken cancellationToken)
    {
        var isDone = await done.HoldsAsync(row.Intent!, cancellationToken);
        await closer.CloseAsync(
            [new Verdict(row, row.Sent!.Signature, Refusals.TransactionExpired, isDone)], cancellationToken);
    }

    /// <summary>Of a row by itself; null when the row goes on waiting.</summary>
    private async Task<Verdict?> JudgeAsync(OutboxRow row, TransactionError error, CancellationToken cancellationToken)
    {
        var name = Refusals.NameOf(error);
        if (row.Intent is not { } intent)
        {
            return new Verdict(row, row.Sent!.Signature, name);
        }

        if (await done.HoldsAsync(intent, cancellationToken))
        {
            return new Verdict(row, row.Sent!.Signature, name, IsDone: true);
        }

        if (Refusals.IsNotNow(intent, error))
        {
            var until = wallTime.UtcNow + Jitter.After(int.MaxValue, options.BaseBackoff, options.MaxBackoff);
            await table.SignAgainAsync(row, name, until, row.CreatesAccounts, cancellationToken);
            return null;
        }

        if (intent is SettleTrade matched && name == nameof(ProgramError.InvalidAddress)
            && await receivers.AnyOrderIsAnotherAsync(matched, cancellationToken))
        {
            return new Verdict(row, row.Sent!.Signature, nameof(ProgramError.InvalidOrder));
        }

        if (!row.CreatesAccounts && Refusals.MayLackAccount(intent, error))
        {
            return await LacksAccountAsync(row, intent, name, cancellationToken);
        }

        // Tried with new accounts already, so something stands in their place. A release stays
        // parked: only its owner can cancel on chain, to any account of his.
        if (row.CreatesAccounts && intent is SettleTrade
            && (await receivers.LookAsync(intent, cancellationToken)).IsAnyGivenAway)
        {
            return new Verdict(row, row.Sent!.Signature, Refusals.TokenAccountGivenAway);
        }

        return new Verdict(row, row.Sent!.Signature, name);
    }

    /// <summary>
    /// The receiver may be without a token account. We pay for one, but not each time that he closes it.
    /// </summary>
    private async Task<Verdict?> LacksAccountAsync(
        OutboxRow row, ChainIntent intent, string name, CancellationToken cancellationToken)
    {
        var (missing, isAnyGivenAway) = await receivers.LookAsync(intent, cancellationToken);
        if (missing.Count == 0)
        {
            // One of somebody else stands there; or another intent has brought it meanwhile: an attempt like any other.
            var isGivenAway = intent is SettleTrade && isAnyGivenAway;
            return new Verdict(row, row.Sent!.Signature, isGivenAway ? Refusals.TokenAccountGivenAway : name);
        }

        switch (await paid.TryPayAsync(intent.Id, missing, wallTime.UtcNow, cancellationToken))
        {
            case AccountPayment.Granted:
                await table.SignAgainAsync(row, name, wallTime.UtcNow, createsAccounts: true, cancellationToken);
                return null;
            case AccountPayment.UnderWay:
                // A slot or two, and the account is there.
                var until = wallTime.UtcNow + (2 * options.BaseBackoff);
                await table.SignAgainAsync(row, name, until, createsAccounts: false, cancellationToken);
                return null;
            default:
                // What is minted or granted waits for the account; an order can be closed by its owner.
                return new Verdict(
                    row,
                    row.Sent!.Signature,
                    intent is SettleTrade or ReleaseOrder ? Refusals.TokenAccountGivenAway : name);
        }
    }
}

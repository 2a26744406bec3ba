using System.Diagnostics.CodeAnalysis;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.Sending;

public sealed record TransactionSenderOptions
{
    /// <summary>A transaction counts as landed from here on.</summary>
    public Commitment Commitment { get; init; } = Commitment.Confirmed;

    /// <summary>The first look at the status comes this long after sending, the next ones each after twice as long.
    /// </summary>
    public TimeSpan FirstPoll { get; init; } = TimeSpan.FromMilliseconds(25);

    public TimeSpan MaxPoll { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>While a transaction is unknown its bytes are sent again this often.</summary>
    public TimeSpan ResendInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait for a decision. A blockhash lives about 150 blocks of 0.4 s.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How often SendAndConfirmAsync signs before it gives up.</summary>
    public int MaxSignings { get; init; } = 3;

    /// <summary>Transactions under way at once; further ones wait.</summary>
    public int MaxInFlight { get; init; } = 256;

    /// <exception cref="InvalidOperationException">A value is out of range.</exception>
    public void Validate()
    {
        if (Commitment is Commitment.None || FirstPoll <= TimeSpan.Zero || MaxPoll < FirstPoll
            || ResendInterval <= TimeSpan.Zero || MaxWait <= TimeSpan.Zero || MaxSignings < 1 || MaxInFlight < 1)
        {
            throw new InvalidOperationException("The sender needs a commitment and positive times and counts.");
        }
    }
}

/// <summary>Sends transactions until the chain has decided. Safe for use by several threads; the status requests of
/// everything under way are put together.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore holds nothing to dispose unless its handle is used.")]
public sealed class TransactionSender
{
    private readonly SolanaRpcClient _rpc;
    private readonly TransactionSenderOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _inFlight;
    private readonly BatchedLookup<Signature, SignatureStatus?> _recent;
    private readonly BatchedLookup<Signature, SignatureStatus?> _history;
    private readonly BatchedLookup<Commitment, ulong> _heights;

    public TransactionSender(SolanaRpcClient rpc, TransactionSenderOptions options, TimeProvider time)
    {
        options.Validate();
        _rpc = rpc;
        _options = options;
        _time = time;
        _inFlight = new SemaphoreSlim(options.MaxInFlight);
        // No one caller's cancellation may end a request that others wait for; the RPC client bounds its time.
        _recent = new(keys => rpc.GetSignatureStatusesAsync(keys, searchTransactionHistory: false));
        _history = new(keys => rpc.GetSignatureStatusesAsync(keys, searchTransactionHistory: true));
        _heights = new(ReadHeightAsync);
    }

    /// <summary>Sends these bytes, again and again while the chain does not know them, until they landed or no longer
    /// can. Submitting the same bytes twice, at once or after a crash, executes them once.</summary>
    /// <exception cref="SolanaTransportException">No connection; nothing is decided, submit the same bytes again with
    /// <see cref="SignedTransaction.MayHaveBeenSent"/>.</exception>
    /// <exception cref="SolanaRpcException">The node does not take requests, or not these bytes; nothing is decided.
    /// </exception>
    /// <exception cref="TransactionUndecidedException">As for no connection.</exception>
    public async Task<SubmissionOutcome> SubmitAsync(
        SignedTransaction transaction, CancellationToken cancellationToken = default)
    {
        await _inFlight.WaitAsync(cancellationToken);
        try
        {
            return await SubmitOneAsync(transaction, cancellationToken);
        }
        finally
        {
            _inFlight.Release();
        }
    }

    /// <summary>Signs with a fresh blockhash, submits, and signs anew when that expired without landing. Two calls with
    /// the same instructions within one block make one and the same transaction: tell them apart with a memo.</summary>
    /// <param name="sign">Builds and fully signs the transaction for the blockhash.</param>
    public async Task<SubmissionOutcome> SendAndConfirmAsync(
        Func<Blockhash, Transaction> sign, CancellationToken cancellationToken = default)
    {
        var signings = 0;
        while (true)
        {
            var blockhash = await _rpc.GetLatestBlockhashAsync(null, cancellationToken);
            var transaction = SignedTransaction.From(sign(blockhash.Blockhash), blockhash);
            var outcome = await SubmitAsync(transaction, cancellationToken);
            signings++;
            if (outcome.Status != SubmissionStatus.Expired || signings >= _options.MaxSignings)
            {
                return outcome;
            }
        }
    }

    /// <summary>As the other overload, for a v0 message of these instructions; the first signer pays.</summary>
    public Task<SubmissionOutcome> SendAndConfirmAsync(
        IReadOnlyList<Instruction> instructions, IReadOnlyList<Keypair> signers,
        CancellationToken cancellationToken = default)
    {
        Keypair[] keys = [.. signers];
        return SendAndConfirmAsync(
            blockhash => new Transaction(Message.CompileV0(keys[0].PublicKey, blockhash, instructions)).Sign(keys),
            cancellationToken);
    }

    private async Task<SubmissionOutcome> SubmitOneAsync(SignedTransaction transaction, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        var nextSend = TimeSpan.Zero;
        if (!transaction.MayHaveBeenSent)
        {
            var (isTaken, rejected) = await SendFirstAsync(transaction, cancellation);
            if (rejected is not null)
            {
                return rejected;
            }

            nextSend = isTaken ? _options.ResendInterval : TimeSpan.Zero;
        }

        var poll = _options.FirstPoll;
        while (_time.GetElapsedTime(started) < _options.MaxWait)
        {
            await Task.Delay(poll, _time, cancellation);
            poll = TimeSpan.FromTicks(Math.Min(poll.Ticks * 2, _options.MaxPoll.Ticks));
            var status = await _recent.GetAsync(transaction.Signature).WaitAsync(cancellation);
            if (status is null && _time.GetElapsedTime(started) >= nextSend)
            {
                nextSend = _time.GetElapsedTime(started) + _options.ResendInterval;
                // Finalized: once that height is past, no fork is left in which the transaction could still land.
                if (await _heights.GetAsync(Commitment.Finalized).WaitAsync(cancellation)
                    <= transaction.LastValidBlockHeight)
                {
                    await ResendAsync(transaction, cancellation);
                    continue;
                }

                status = await _history.GetAsync(transaction.Signature).WaitAsync(cancellation);
                if (status is null)
                {
                    return new SubmissionOutcome(transaction.Signature, SubmissionStatus.Expired, null, null, []);
                }
            }

            if (status is not null && status.Commitment >= _options.Commitment)
            {
                return await LandedAsync(transaction, status, cancellation);
            }
        }

        throw new TransactionUndecidedException(transaction.Signature, _options.MaxWait);
    }

    private async Task<(bool IsTaken, SubmissionOutcome? Rejected)> SendFirstAsync(
        SignedTransaction transaction, CancellationToken cancellation)
    {
        try
        {
            var options = new SendOptions { MaxRetries = 0, OnlyOnce = true };
            await _rpc.SendTransactionAsync(transaction.Wire, options, cancellation);
            return (true, null);
        }
        catch (SolanaTransportException e) when (e.IsTransient)
        {
            // It may have arrived: look for it before sending again.
            return (true, null);
        }
        catch (SolanaRpcException e) when (e.TransactionError is { } error)
        {
            return error.Kind switch
            {
                // Somebody sent the same bytes before.
                TransactionErrorKind.AlreadyProcessed => (true, null),
                // Too old, or so new that this node has not seen the block yet: the block height tells.
                TransactionErrorKind.BlockhashNotFound => (false, null),
                _ => (false, new SubmissionOutcome(
                    transaction.Signature, SubmissionStatus.Rejected, null, error, e.Logs)),
            };
        }
    }

    // Without the node's trial run: once a copy may be out, a refusal of the next one would decide nothing.
    private async Task ResendAsync(SignedTransaction transaction, CancellationToken cancellation)
    {
        try
        {
            var options = new SendOptions { SkipPreflight = true, MaxRetries = 0 };
            await _rpc.SendTransactionAsync(transaction.Wire, options, cancellation);
        }
        catch (SolanaRpcException e) when (e.TransactionError is not null)
        {
            // The status or the block height decides.
        }
    }

    private async Task<SubmissionOutcome> LandedAsync(
        SignedTransaction transaction, SignatureStatus status, CancellationToken cancellation)
    {
        if (status.Error is null)
        {
            return new SubmissionOutcome(
                transaction.Signature, SubmissionStatus.Confirmed, status.Slot, null, []);
        }

        // getTransaction does not answer for processed blocks.
        var commitment = _options.Commitment == Commitment.Processed ? Commitment.Confirmed : _options.Commitment;
        var record = await _rpc.GetTransactionAsync(transaction.Signature, commitment, cancellation);
        return new SubmissionOutcome(
            transaction.Signature, SubmissionStatus.Failed, status.Slot, status.Error, record?.Logs ?? []);
    }

    private async Task<IReadOnlyList<ulong>> ReadHeightAsync(IReadOnlyList<Commitment> asked)
    {
        var height = await _rpc.GetBlockHeightAsync(asked[0]);
        return [.. asked.Select(_ => height)];
    }
}

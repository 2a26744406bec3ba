using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Chain;

/// <summary>What the sender needs of the chain's side of the port: an intent as one signed transaction.</summary>
public interface IIntentTransactions
{
    /// <summary>The same intent, attempts and blockhash give the same transaction.</summary>
    /// <param name="intent">What shall happen.</param>
    /// <param name="attempts">How often the chain has refused it so far.</param>
    /// <param name="recentBlockhash">Limits how long the transaction can land.</param>
    /// <exception cref="OverflowException">An amount cannot be expressed on chain.</exception>
    /// <exception cref="TransactionTooLargeException">The intent does not fit one transaction.</exception>
    Transaction Sign(ChainIntent intent, int attempts, Blockhash recentBlockhash);

    /// <summary>Looks whether the fee payer can pay; on a test net it asks the faucet.</summary>
    Task EnsureFundsAsync(CancellationToken cancellationToken);
}

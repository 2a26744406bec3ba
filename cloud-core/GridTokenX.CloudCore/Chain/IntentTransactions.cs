using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Makes signed transactions of packs.</summary>
internal sealed class IntentTransactions(
    EnergyPrograms programs, PlatformKeys keys, IWalletSigner wallets)
{
    public IntentInstructions Instructions { get; } = new(
        programs, keys.Platform.PublicKey, keys.Oracle.PublicKey, keys.Matcher.PublicKey);

    /// <summary>
    /// Null with a fault when no transaction can be made of it, now or ever. The same pack and blockhash give the same
    /// transaction.
    /// </summary>
    public async Task<(SentTransaction? Sent, string? Fault)> SignAsync(
        OutboxPack pack, LatestBlockhash latest, CancellationToken cancellationToken)
    {
        try
        {
            if (pack.Intents[0] is PlaceOrder { Transaction: { } brought })
            {
                return (Brought(brought, latest), null);
            }

            var transaction = await MakeAsync(pack, latest.Blockhash, cancellationToken);
            return transaction is null
                ? (null, "The server has no key for this wallet.")
                : (Stored(transaction, latest, isShared: pack.Rows.Count > 1), null);
        }
        catch (Exception exception) when (exception
            is OverflowException or TransactionTooLargeException or ArgumentException or FormatException)
        {
            return (null, $"No transaction can be made of it: {exception.Message}");
        }
    }

    /// <summary>Null when the wallet that has to sign is not a managed one.</summary>
    private async Task<Transaction?> MakeAsync(
        OutboxPack pack, Blockhash blockhash, CancellationToken cancellationToken)
    {
        var payer = KeyOf(pack.Lane);
        var instructions = Instructions.Of(pack.Intents, pack.CreatesAccounts);
        var transaction = new Transaction(Message.CompileLegacy(payer.PublicKey, blockhash, instructions));
        _ = transaction.PartialSign(payer);
        if (SignerOf(pack.Intents[0]) is { } wallet
            && !await wallets.TrySignAsync(wallet, transaction, cancellationToken))
        {
            return null;
        }

        return transaction.IsFullySigned
            ? transaction
            : throw new ArgumentException("A signature is missing.", nameof(pack));
    }

    private static Key32? SignerOf(ChainIntent intent) => intent switch
    {
        PlaceOrder order => order.Wallet,
        RetireEnergy retire => retire.Wallet,
        _ => null,
    };

    // Until when it can land is not known; not after the newest blockhash there is.
    private static SentTransaction Brought(string base64, LatestBlockhash latest)
    {
        var transaction = Transaction.FromBase64(base64);
        return transaction.VerifySignatures()
            ? Stored(transaction, latest, isShared: false)
            : throw new ArgumentException("A signature is missing or wrong.", nameof(base64));
    }

    private static SentTransaction Stored(Transaction transaction, LatestBlockhash latest, bool isShared) =>
        new(transaction.Serialize(), transaction.Id, latest.LastValidBlockHeight, latest.Slot, isShared);

    private Keypair KeyOf(LaneKind lane) => lane switch
    {
        LaneKind.Mint => keys.Oracle,
        LaneKind.Settlement or LaneKind.Release => keys.Matcher,
        _ => keys.Platform,
    };
}

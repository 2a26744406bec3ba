using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace GridTokenX.Solana;

/// <summary>A message with the signatures it needs, in the order of its first accounts. Not safe for use by several
/// threads while it is being signed.</summary>
public sealed class Transaction
{
    /// <summary>What fits one network packet: IPv6's minimum of 1,280 bytes less 48 of headers.</summary>
    public const int MaxLength = 1232;

    private readonly byte[] _messageBytes;
    private readonly Signature?[] _signatures;

    /// <summary>Unsigned.</summary>
    /// <exception cref="TransactionTooLargeException">The signed transaction would be above 1,232 bytes.</exception>
    public Transaction(Message message)
        : this(message, message.Serialize(), new Signature?[message.RequiredSignatures])
    {
    }

    private Transaction(Message message, byte[] messageBytes, Signature?[] signatures)
    {
        Message = message;
        _messageBytes = messageBytes;
        _signatures = signatures;
        // At most 12 signers, and 255 when deserialised: their count takes one byte or two.
        Length = (signatures.Length > 0x7f ? 2 : 1) + (signatures.Length * Signature.Length) + messageBytes.Length;
        if (Length > MaxLength)
        {
            throw new TransactionTooLargeException(Length);
        }
    }

    public Message Message { get; }

    /// <summary>The bytes that the signers sign.</summary>
    public ReadOnlyMemory<byte> MessageBytes => _messageBytes;

    /// <summary>On the wire, with all signatures.</summary>
    public int Length { get; }

    /// <summary>Null where a signature is still missing.</summary>
    public IReadOnlyList<Signature?> Signatures => _signatures;

    public bool IsFullySigned => Array.TrueForAll(_signatures, signature => signature is not null);

    /// <summary>The fee payer's signature, which names the transaction on the chain.</summary>
    /// <exception cref="InvalidOperationException">The fee payer has not signed yet.</exception>
    public Signature Id => _signatures[0]
        ?? throw new InvalidOperationException("The fee payer has not signed, so the transaction has no id yet.");

    /// <summary>Signs with all of these keys; afterwards nothing is missing.</summary>
    /// <exception cref="ArgumentException">A key that the message does not ask for.</exception>
    /// <exception cref="InvalidOperationException">Signatures of others are still missing.</exception>
    public Transaction Sign(params ReadOnlySpan<Keypair> signers)
    {
        PartialSign(signers);
        RequireFullySigned();
        return this;
    }

    /// <summary>Signs with some of the keys that the message asks for.</summary>
    /// <exception cref="ArgumentException">A key that the message does not ask for.</exception>
    public Transaction PartialSign(params ReadOnlySpan<Keypair> signers)
    {
        foreach (var signer in signers)
        {
            _signatures[IndexOf(signer.PublicKey)] = signer.Sign(_messageBytes);
        }

        return this;
    }

    /// <summary>Takes a signature made elsewhere.</summary>
    /// <exception cref="ArgumentException">Not one of the signers, or the signature does not verify.</exception>
    public Transaction AddSignature(PublicKey signer, Signature signature)
    {
        var index = IndexOf(signer);
        if (!signer.Verify(_messageBytes, signature))
        {
            throw new ArgumentException($"The signature of {signer} does not verify.", nameof(signature));
        }

        _signatures[index] = signature;
        return this;
    }

    /// <summary>Whether every signature is there and verifies.</summary>
    public bool VerifySignatures()
    {
        for (var i = 0; i < _signatures.Length; i++)
        {
            if (_signatures[i] is not { } signature || !Message.Accounts[i].Verify(_messageBytes, signature))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The wire form. A missing signature is 64 zeros, as wallets pass partly signed transactions on.
    /// </summary>
    public byte[] Serialize()
    {
        var to = new ArrayBufferWriter<byte>(Length);
        to.WriteCompactU16(_signatures.Length);
        foreach (var signature in _signatures)
        {
            to.Write(signature.GetValueOrDefault().Span);
        }

        to.Write(_messageBytes);
        return to.WrittenSpan.ToArray();
    }

    public string ToBase64() => Convert.ToBase64String(Serialize());

    /// <summary>Reads the wire form; signatures are not verified (see <see cref="VerifySignatures"/>).</summary>
    /// <exception cref="FormatException">Not one whole, consistent transaction of a known version.</exception>
    /// <exception cref="TransactionTooLargeException">Above 1,232 bytes.</exception>
    public static Transaction Deserialize(ReadOnlySpan<byte> wire)
    {
        if (wire.Length > MaxLength)
        {
            throw new TransactionTooLargeException(wire.Length);
        }

        var reader = new ByteReader(wire);
        var signatures = new Signature?[reader.ReadCompactU16()];
        if (signatures.Length * Signature.Length > wire.Length)
        {
            throw new FormatException("The transaction's bytes end too early.");
        }

        for (var i = 0; i < signatures.Length; i++)
        {
            var signature = new Signature(reader.ReadBytes(Signature.Length));
            signatures[i] = signature == default ? null : signature;
        }

        var messageBytes = wire[(wire.Length - reader.Remaining)..].ToArray();
        var message = Message.Deserialize(messageBytes);
        return message.RequiredSignatures == signatures.Length
            ? new Transaction(message, messageBytes, signatures)
            : throw new FormatException(
                $"The message asks for {message.RequiredSignatures} signatures, but {signatures.Length} are there.");
    }

    /// <summary>Reads what <see cref="ToBase64"/> writes.</summary>
    /// <exception cref="FormatException">Not Base64, or not a transaction.</exception>
    public static Transaction FromBase64(string base64) => Deserialize(Convert.FromBase64String(base64));

    [SuppressMessage("Usage", "MA0015", Justification = "Both callers name their own parameter the signer.")]
    private int IndexOf(PublicKey signer)
    {
        for (var i = 0; i < _signatures.Length; i++)
        {
            if (Message.Accounts[i] == signer)
            {
                return i;
            }
        }

        throw new ArgumentException($"The transaction does not ask for a signature of {signer}.", nameof(signer));
    }

    private void RequireFullySigned()
    {
        if (!IsFullySigned)
        {
            var missing = Message.Accounts.Take(_signatures.Length).Where((_, i) => _signatures[i] is null);
            throw new InvalidOperationException($"Signatures are missing: {string.Join(", ", missing)}");
        }
    }
}

public sealed class TransactionTooLargeException(int length)
    : Exception($"The transaction has {length} bytes; at most {Transaction.MaxLength} fit.")
{
    public int Length { get; } = length;
}

using System.Text.Json;

namespace GridTokenX.Solana.Rpc;

/// <summary>An account as the chain holds it; an account without lamports does not exist.</summary>
public sealed record AccountInfo(PublicKey Owner, ulong Lamports, ReadOnlyMemory<byte> Data, bool IsExecutable);

public sealed record ProgramAccount(PublicKey Address, AccountInfo Account);

/// <param name="LastValidBlockHeight">A transaction with this blockhash can land in blocks up to this height.</param>
/// <param name="Slot">The slot that the node answered for.</param>
public sealed record LatestBlockhash(Blockhash Blockhash, ulong LastValidBlockHeight, ulong Slot);

/// <param name="Amount">Base units.</param>
public sealed record TokenAmount(ulong Amount, byte Decimals);

/// <param name="Error">Null when the transaction succeeded.</param>
public sealed record SignatureStatus(ulong Slot, TransactionError? Error, Commitment Commitment);

/// <param name="BlockTime">Unix seconds.</param>
public sealed record SignatureInfo(
    Signature Signature, ulong Slot, TransactionError? Error, string? Memo, long? BlockTime, Commitment Commitment);

public sealed record SimulationResult(TransactionError? Error, IReadOnlyList<string> Logs, ulong? UnitsConsumed);

/// <param name="Account">Index into the transaction's accounts.</param>
/// <param name="Amount">Base units.</param>
public sealed record TokenBalance(int Account, PublicKey Mint, PublicKey? Owner, ulong Amount, byte Decimals);

/// <param name="BlockTime">Unix seconds.</param>
/// <param name="Fee">Lamports.</param>
/// <param name="Meta">Everything that the node says about the execution, for what is not read here.</param>
public sealed record ConfirmedTransaction(
    ulong Slot, long? BlockTime, Transaction Transaction, TransactionError? Error, ulong Fee,
    IReadOnlyList<string> Logs, ulong? ComputeUnits, IReadOnlyList<ulong> PreBalances,
    IReadOnlyList<ulong> PostBalances, IReadOnlyList<TokenBalance> PreTokenBalances,
    IReadOnlyList<TokenBalance> PostTokenBalances, JsonElement Meta);

public sealed record SendOptions
{
    /// <summary>The node executes the transaction first and refuses it when it fails, unless this is set.</summary>
    public bool SkipPreflight { get; init; }

    public Commitment? PreflightCommitment { get; init; }

    /// <summary>Not tried again after a fault of the transport, so that a refusal is the answer to the only copy.
    /// </summary>
    internal bool OnlyOnce { get; init; }

    /// <summary>How often the node repeats it to the leader; null leaves that to the node.</summary>
    public uint? MaxRetries { get; init; }
}

/// <summary>Which accounts of a program are meant.</summary>
public abstract record AccountFilter
{
    private AccountFilter()
    {
    }

    public static AccountFilter OfSize(ulong bytes) => new Size(bytes);

    /// <summary>At most 128 bytes.</summary>
    public static AccountFilter With(ulong offset, ReadOnlySpan<byte> bytes) => new Bytes(offset, bytes.ToArray());

    internal abstract void Write(Utf8JsonWriter to);

    private sealed record Size(ulong Length) : AccountFilter
    {
        internal override void Write(Utf8JsonWriter to)
        {
            to.WriteStartObject();
            to.WriteNumber("dataSize"u8, Length);
            to.WriteEndObject();
        }
    }

    private sealed record Bytes(ulong Offset, byte[] Content) : AccountFilter
    {
        internal override void Write(Utf8JsonWriter to)
        {
            to.WriteStartObject();
            to.WriteStartObject("memcmp"u8);
            to.WriteNumber("offset"u8, Offset);
            to.WriteString("bytes"u8, Base58Text.Encode(Content));
            to.WriteString("encoding"u8, "base58"u8);
            to.WriteEndObject();
            to.WriteEndObject();
        }
    }
}

using System.Text.Json;

namespace GridTokenX.Solana.Rpc;

public sealed partial class SolanaRpcClient
{
    private const int MaxSignaturesPerRequest = 256;

    /// <summary>Hands the transaction to the node. The answer says that it was taken, not that it landed. Sending the
    /// same bytes again is harmless: a cluster executes a signature once.</summary>
    /// <exception cref="SolanaRpcException">Refused; with <see cref="SolanaRpcException.TransactionError"/> when the
    /// node tried it first and it failed.</exception>
    public Task<Signature> SendTransactionAsync(
        Transaction transaction, SendOptions? options = null, CancellationToken cancellationToken = default) =>
        SendTransactionAsync(transaction.Serialize(), options, cancellationToken);

    /// <summary>As the other overload, for bytes that were signed and stored before.</summary>
    public Task<Signature> SendTransactionAsync(
        ReadOnlyMemory<byte> wire, SendOptions? options = null, CancellationToken cancellationToken = default) =>
        CallAsync(
            "sendTransaction",
            to =>
            {
                to.WriteBase64StringValue(wire.Span);
                WriteSendConfig(to, options ?? new SendOptions());
            },
            result => Signature.Parse(result.GetString()!),
            cancellationToken,
            mayRepeat: options is not { OnlyOnce: true });

    /// <summary>Executes the transaction without keeping its effects.</summary>
    /// <param name="verifySignatures">Else missing signatures do not matter.</param>
    public Task<SimulationResult> SimulateTransactionAsync(
        Transaction transaction, bool verifySignatures = false, Commitment? commitment = null,
        CancellationToken cancellationToken = default) => CallAsync(
        "simulateTransaction",
        to =>
        {
            to.WriteBase64StringValue(transaction.Serialize());
            to.WriteStartObject();
            to.WriteString("encoding"u8, "base64"u8);
            to.WriteBoolean("sigVerify"u8, verifySignatures);
            WriteCommitment(to, commitment);
            to.WriteEndObject();
        },
        result => RpcJson.ReadSimulation(RpcJson.Value(result)),
        cancellationToken);

    /// <summary>In the order asked for, null for those unknown. Asks 256 at a time.</summary>
    /// <param name="searchTransactionHistory">Else only the last few minutes are looked at.</param>
    public async Task<IReadOnlyList<SignatureStatus?>> GetSignatureStatusesAsync(
        IReadOnlyList<Signature> signatures, bool searchTransactionHistory = false,
        CancellationToken cancellationToken = default)
    {
        var all = new List<SignatureStatus?>(signatures.Count);
        foreach (var chunk in signatures.Chunk(MaxSignaturesPerRequest))
        {
            all.AddRange(await CallAsync(
                "getSignatureStatuses",
                to =>
                {
                    WriteStrings(to, chunk);
                    to.WriteStartObject();
                    to.WriteBoolean("searchTransactionHistory"u8, searchTransactionHistory);
                    to.WriteEndObject();
                },
                result => RequireCount(RpcJson.ReadArray(RpcJson.Value(result), RpcJson.ReadStatus), chunk.Length),
                cancellationToken));
        }

        return all;
    }

    /// <summary>Newest first.</summary>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="before">Start after this one, for the next page.</param>
    /// <param name="until">Stop before this one.</param>
    public Task<IReadOnlyList<SignatureInfo>> GetSignaturesForAddressAsync(
        PublicKey address, int limit = 1000, Signature? before = null, Signature? until = null,
        Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        CallAsync<IReadOnlyList<SignatureInfo>>(
            "getSignaturesForAddress",
            to =>
            {
                to.WriteStringValue(address.ToString());
                to.WriteStartObject();
                to.WriteNumber("limit"u8, limit);
                WriteOptional(to, "before"u8, before);
                WriteOptional(to, "until"u8, until);
                WriteCommitment(to, commitment);
                to.WriteEndObject();
            },
            result => RpcJson.ReadArray(result, RpcJson.ReadSignatureInfo),
            cancellationToken);

    /// <summary>Null when the node does not know it at this commitment.</summary>
    public Task<ConfirmedTransaction?> GetTransactionAsync(
        Signature signature, Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        CallAsync(
            "getTransaction",
            to =>
            {
                to.WriteStringValue(signature.ToString());
                to.WriteStartObject();
                to.WriteString("encoding"u8, "base64"u8);
                to.WriteNumber("maxSupportedTransactionVersion"u8, 0);
                WriteCommitment(to, commitment);
                to.WriteEndObject();
            },
            RpcJson.ReadTransaction,
            cancellationToken);

    /// <summary>Test clusters only. Not tried again after a fault, as each request that arrives is paid.</summary>
    public Task<Signature> RequestAirdropAsync(
        PublicKey account, ulong lamports, Commitment? commitment = null,
        CancellationToken cancellationToken = default) => CallAsync(
        "requestAirdrop",
        to =>
        {
            to.WriteStringValue(account.ToString());
            to.WriteNumberValue(lamports);
            Config(commitment)(to);
        },
        result => Signature.Parse(result.GetString()!),
        cancellationToken,
        mayRepeat: false);

    private void WriteSendConfig(Utf8JsonWriter to, SendOptions options)
    {
        to.WriteStartObject();
        to.WriteString("encoding"u8, "base64"u8);
        to.WriteBoolean("skipPreflight"u8, options.SkipPreflight);
        to.WriteString(
            "preflightCommitment"u8, RpcJson.Name(options.PreflightCommitment ?? _options.Commitment));
        if (options.MaxRetries is { } retries)
        {
            to.WriteNumber("maxRetries"u8, retries);
        }

        to.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter to, ReadOnlySpan<byte> name, Signature? signature)
    {
        if (signature is { } present)
        {
            to.WriteString(name, present.ToString());
        }
    }
}

using System.Text.Json;

namespace GridTokenX.Solana.Rpc;

public sealed partial class SolanaRpcClient
{
    /// <summary>Returns when the node is well, and throws <see cref="SolanaRpcException"/> when it says otherwise.
    /// </summary>
    public Task GetHealthAsync(CancellationToken cancellationToken = default) =>
        CallAsync("getHealth", null, result => result.GetString(), cancellationToken);

    /// <summary>The software version of the node.</summary>
    public Task<string> GetVersionAsync(CancellationToken cancellationToken = default) =>
        CallAsync("getVersion", null, result => result.GetProperty("solana-core"u8).GetString()!, cancellationToken);

    /// <summary>What tells one cluster from another.</summary>
    public Task<Blockhash> GetGenesisHashAsync(CancellationToken cancellationToken = default) =>
        CallAsync("getGenesisHash", null, result => Blockhash.Parse(result.GetString()!), cancellationToken);

    public Task<ulong> GetSlotAsync(Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        CallAsync("getSlot", Config(commitment), result => result.GetUInt64(), cancellationToken);

    public Task<ulong> GetBlockHeightAsync(
        Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        CallAsync("getBlockHeight", Config(commitment), result => result.GetUInt64(), cancellationToken);

    /// <summary>Unix seconds; null when the node no longer knows.</summary>
    public Task<long?> GetBlockTimeAsync(ulong slot, CancellationToken cancellationToken = default) => CallAsync(
        "getBlockTime",
        to => to.WriteNumberValue(slot),
        result => result.ValueKind == JsonValueKind.Null ? (long?)null : result.GetInt64(),
        cancellationToken);

    public Task<LatestBlockhash> GetLatestBlockhashAsync(
        Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        CallAsync("getLatestBlockhash", Config(commitment), ReadLatestBlockhash, cancellationToken);

    public Task<bool> IsBlockhashValidAsync(
        Blockhash blockhash, Commitment? commitment = null, CancellationToken cancellationToken = default) => CallAsync(
        "isBlockhashValid",
        to =>
        {
            to.WriteStringValue(blockhash.ToString());
            Config(commitment)(to);
        },
        result => RpcJson.Value(result).GetBoolean(),
        cancellationToken);

    /// <summary>Lamports.</summary>
    public Task<ulong> GetMinimumBalanceForRentExemptionAsync(
        ulong dataLength, CancellationToken cancellationToken = default) => CallAsync(
        "getMinimumBalanceForRentExemption",
        to => to.WriteNumberValue(dataLength),
        result => result.GetUInt64(),
        cancellationToken);

    /// <summary>Lamports; null when the message's blockhash is no longer valid.</summary>
    public Task<ulong?> GetFeeForMessageAsync(
        Message message, Commitment? commitment = null, CancellationToken cancellationToken = default) => CallAsync(
        "getFeeForMessage",
        to =>
        {
            to.WriteBase64StringValue(message.Serialize());
            Config(commitment)(to);
        },
        result => RpcJson.Optional(result, "value"u8, fee => fee.GetUInt64()),
        cancellationToken);

    private static LatestBlockhash ReadLatestBlockhash(JsonElement result)
    {
        var value = RpcJson.Value(result);
        return new LatestBlockhash(
            Blockhash.Parse(value.GetProperty("blockhash"u8).GetString()!),
            value.GetProperty("lastValidBlockHeight"u8).GetUInt64(),
            RpcJson.ContextSlot(result));
    }
}

using System.Buffers;
using System.Text.Json;

namespace GridTokenX.Solana.Rpc;

/// <summary>Solana's JSON-RPC over HTTP. Safe for use by several threads. Every call may throw
/// <see cref="SolanaTransportException"/> (no usable answer after all attempts) or <see cref="SolanaRpcException"/>
/// (the node said no).</summary>
/// <remarks>Give it an <see cref="HttpClient"/> without a time-out shorter than
/// <see cref="SolanaRpcOptions.RequestTimeout"/>; the time provider is the wall clock, also in a simulation.</remarks>
public sealed partial class SolanaRpcClient
{
    private readonly SolanaRpcOptions _options;
    private readonly RpcTransport _transport;
    private long _lastId;

    public SolanaRpcClient(HttpClient http, SolanaRpcOptions options, TimeProvider time)
    {
        options.Validate();
        _options = options;
        _transport = new RpcTransport(http, options, time);
    }

    /// <summary>Any method, for what has no method of its own here.</summary>
    /// <param name="parameters">Writes the parameters, one value after the other.</param>
    /// <returns>The `result` member.</returns>
    public Task<JsonElement> CallAsync(
        string method, Action<Utf8JsonWriter>? parameters = null, CancellationToken cancellationToken = default) =>
        CallAsync(method, parameters, result => result.Clone(), cancellationToken);

    private async Task<T> CallAsync<T>(
        string method, Action<Utf8JsonWriter>? parameters, Func<JsonElement, T> read,
        CancellationToken cancellationToken, bool mayRepeat = true)
    {
        var id = Interlocked.Increment(ref _lastId);
        using var answer = await _transport.PostAsync(
            Request(id, method, parameters), method, mayRepeat, cancellationToken);
        try
        {
            var root = answer.RootElement;
            if (root.TryGetProperty("error"u8, out var error) && error.ValueKind == JsonValueKind.Object)
            {
                throw ReadError(method, error);
            }

            return root.GetProperty("id"u8).GetInt64() == id
                ? read(root.GetProperty("result"u8))
                : throw new FormatException("The answer is for another request.");
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw new SolanaTransportException(
                $"{method}: the answer has another form than expected: {e.Message}", isTransient: false,
                innerException: e);
        }
    }

    internal static bool IsMalformed(Exception e) => e is FormatException or InvalidOperationException
        or KeyNotFoundException or OverflowException or ArgumentNullException or IndexOutOfRangeException
        or TransactionTooLargeException;

    internal static ReadOnlyMemory<byte> Request(long id, string method, Action<Utf8JsonWriter>? parameters)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(body);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WriteNumber("id"u8, id);
        writer.WriteString("method"u8, method);
        writer.WriteStartArray("params"u8);
        parameters?.Invoke(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenMemory;
    }

    internal static SolanaRpcException ReadError(string method, JsonElement error)
    {
        var data = RpcJson.Member(error, "data"u8);
        var isObject = data.ValueKind == JsonValueKind.Object;
        return new SolanaRpcException(
            method,
            error.GetProperty("code"u8).GetInt32(),
            RpcJson.Member(error, "message"u8) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "",
            isObject ? TransactionError.Parse(RpcJson.Member(data, "err"u8)) : null,
            isObject ? RpcJson.ReadLogs(RpcJson.Member(data, "logs"u8)) : [],
            isObject ? RpcJson.Optional(data, "unitsConsumed"u8, units => units.GetUInt64()) : null);
    }

    private void WriteCommitment(Utf8JsonWriter to, Commitment? commitment) =>
        to.WriteString("commitment"u8, RpcJson.Name(commitment ?? _options.Commitment));

    private Action<Utf8JsonWriter> Config(Commitment? commitment) => to =>
    {
        to.WriteStartObject();
        WriteCommitment(to, commitment);
        to.WriteEndObject();
    };
}

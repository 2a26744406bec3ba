using System.Net;

namespace GridTokenX.Solana.Rpc;

/// <summary>Whatever goes wrong between this library and the chain.</summary>
public abstract class SolanaException(string message, Exception? innerException = null)
    : Exception(message, innerException);

/// <summary>No usable answer came: not reachable, timed out, an HTTP error, or not JSON-RPC. Whether the node acted on
/// the request is unknown.</summary>
public sealed class SolanaTransportException(
    string message, bool isTransient, HttpStatusCode? statusCode = null, Exception? innerException = null)
    : SolanaException(message, innerException)
{
    /// <summary>The same request may succeed later.</summary>
    public bool IsTransient { get; } = isTransient;

    public HttpStatusCode? StatusCode { get; } = statusCode;

    /// <summary>What the node asked us to wait, if it did.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}

/// <summary>The node answered with a JSON-RPC error. When it refused a transaction, <see cref="TransactionError"/> and
/// the log say why.</summary>
public sealed class SolanaRpcException(
    string method, int code, string message, TransactionError? transactionError, IReadOnlyList<string> logs,
    ulong? unitsConsumed)
    : SolanaException($"{method}: {message} ({code}{(transactionError is null ? "" : $", {transactionError}")})")
{
    public string Method { get; } = method;

    /// <summary>JSON-RPC's or Solana's number, see <see cref="RpcErrorCode"/>.</summary>
    public int Code { get; } = code;

    /// <summary>The node's own text.</summary>
    public string NodeMessage { get; } = message;

    public TransactionError? TransactionError { get; } = transactionError;

    public IReadOnlyList<string> Logs { get; } = logs;

    public ulong? UnitsConsumed { get; } = unitsConsumed;
}

/// <summary>The error numbers of JSON-RPC and of Solana's nodes that callers tell apart.</summary>
public static class RpcErrorCode
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;
    public const int SendTransactionPreflightFailure = -32002;
    public const int TransactionSignatureVerificationFailure = -32003;
    public const int BlockNotAvailable = -32004;
    public const int NodeUnhealthy = -32005;
    public const int SlotSkipped = -32007;
    public const int MinContextSlotNotReached = -32016;
}

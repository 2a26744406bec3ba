using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;

namespace GridTokenX.Benchmarks.Market;

/// <summary>
/// A client that costs as little as it can, since it shares the machine with what is measured: requests are signed and
/// written down beforehand, and of an answer no more is read than where it ends.
/// </summary>
internal sealed class OrdersClient : IDisposable
{
    private static readonly byte[] LastChunk = "\r\n0\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];

    internal static async Task<OrdersClient> ConnectAsync(Uri address)
    {
        var client = new OrdersClient();
        await client._socket.ConnectAsync(address.Host, address.Port);
        return client;
    }

    internal static byte[] Signed(
        Uri address, BenchTrader trader, CreateOrderRequest order, string idempotencyKey, DateTimeOffset now) =>
        Signed(
            address,
            "/api/trading/orders/create",
            trader,
            JsonSerializer.SerializeToUtf8Bytes(order, ProtocolJson.Default.CreateOrderRequest),
            idempotencyKey,
            now);

    internal static byte[] Signed(
        Uri address, BenchTrader trader, PlaceOrdersRequest orders, string idempotencyKey, DateTimeOffset now) =>
        Signed(
            address,
            "/api/trading/orders/batch",
            trader,
            JsonSerializer.SerializeToUtf8Bytes(orders, ProtocolJson.Default.PlaceOrdersRequest),
            idempotencyKey,
            now);

    /// <summary>As the page sends it: with an access token, and no signature.</summary>
    internal static byte[] WithToken(Uri address, string token, CreateOrderRequest order, string idempotencyKey)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(order, ProtocolJson.Default.CreateOrderRequest);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /api/trading/orders/create HTTP/1.1\r\nHost: {address.Authority}\r\n"
            + $"Content-Type: application/json\r\nIdempotency-Key: {idempotencyKey}\r\n"
            + $"Authorization: Bearer {token}\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    private static byte[] Signed(
        Uri address, string path, BenchTrader trader, byte[] body, string idempotencyKey, DateTimeOffset now)
    {
        var headers = MessageSignature.Sign(
            new SignedParts("POST", path, string.Empty, body, idempotencyKey), trader.Key, now);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\n"
            + $"Idempotency-Key: {idempotencyKey}\r\nSignature-Input: {headers.SignatureInput}\r\n"
            + $"Signature: {headers.Signature}\r\nContent-Digest: {headers.ContentDigest}\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    /// <summary>Unsigned when nobody is named.</summary>
    internal static byte[] Get(Uri address, string path, string query, BenchTrader? trader, DateTimeOffset now)
    {
        var head = $"GET {path}{query} HTTP/1.1\r\nHost: {address.Authority}\r\n";
        if (trader is not null)
        {
            var headers = MessageSignature.Sign(new SignedParts("GET", path, query, default, null), trader.Key, now);
            head += $"Signature-Input: {headers.SignatureInput}\r\nSignature: {headers.Signature}\r\n";
        }

        return Encoding.ASCII.GetBytes(head + "\r\n");
    }

    /// <exception cref="InvalidOperationException">The answer is not 200.</exception>
    internal async Task SendAsync(byte[] request)
    {
        _ = await _socket.SendAsync(request);
        var length = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(length));
            length += read;
            var answer = _buffer.AsMemory(0, length);
            if (read == 0 || !answer.Span.StartsWith("HTTP/1.1 200"u8))
            {
                throw new InvalidOperationException(Encoding.UTF8.GetString(answer.Span));
            }

            if (IsWhole(answer.Span))
            {
                return;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        var named = answer[..head].IndexOf("Content-Length: "u8);
        if (named < 0)
        {
            return answer.EndsWith(LastChunk);
        }

        var digits = answer[(named + "Content-Length: ".Length)..head];
        var end = digits.IndexOf((byte)'\r');
        var length = int.Parse(end < 0 ? digits : digits[..end], CultureInfo.InvariantCulture);
        return answer.Length == head + 4 + length;
    }
}

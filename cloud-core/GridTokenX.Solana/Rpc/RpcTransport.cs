using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace GridTokenX.Solana.Rpc;

/// <summary>Posts a JSON-RPC request and returns the answer as JSON, trying again when the transport fails.</summary>
internal sealed class RpcTransport(HttpClient http, SolanaRpcOptions options, TimeProvider time)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <param name="mayRepeat">Whether the request does no harm when the node gets it twice.</param>
    /// <exception cref="SolanaTransportException">The last attempt's fault.</exception>
    public async Task<JsonDocument> PostAsync(
        ReadOnlyMemory<byte> body, string method, bool mayRepeat, CancellationToken cancellationToken)
    {
        var attempt = 1;
        while (true)
        {
            try
            {
                return await AttemptAsync(body, method, cancellationToken);
            }
            catch (SolanaTransportException e) when (mayRepeat && e.IsTransient && attempt < options.MaxAttempts)
            {
                await Task.Delay(DelayAfter(attempt, e), time, cancellationToken);
                attempt++;
            }
        }
    }

    private TimeSpan DelayAfter(int attempt, SolanaTransportException fault)
    {
        var delay = Backoff.Delay(attempt, options.BaseDelay, options.MaxDelay);
        return fault.RetryAfter is { } asked && asked > delay
            ? TimeSpan.FromTicks(Math.Min(asked.Ticks, options.MaxDelay.Ticks))
            : delay;
    }

    private async Task<JsonDocument> AttemptAsync(
        ReadOnlyMemory<byte> body, string method, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = Json;
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Endpoint) { Content = content };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await ReadAsync(response, method, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SolanaTransportException(
                $"{method}: no answer within {options.RequestTimeout.TotalSeconds} s.", isTransient: true,
                innerException: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new SolanaTransportException($"{method}: {e.Message}", isTransient: true, innerException: e);
        }
    }

    private async Task<JsonDocument> ReadAsync(
        HttpResponseMessage response, string method, CancellationToken cancellationToken)
    {
        var bytes = await ReadBoundedAsync(response, method, cancellationToken);
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(bytes);
            // Some nodes send JSON-RPC errors with an HTTP error status; they are answers.
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && (response.IsSuccessStatusCode || document.RootElement.TryGetProperty("error"u8, out _)))
            {
                var answer = document;
                document = null;
                return answer;
            }
        }
        catch (JsonException e) when (response.IsSuccessStatusCode)
        {
            throw new SolanaTransportException(
                $"{method}: the answer is not JSON.", isTransient: true, response.StatusCode, e);
        }
        catch (JsonException)
        {
            // An error page; the status below says what there is to say.
        }
        finally
        {
            document?.Dispose();
        }

        throw StatusFault(response, method);
    }

    private SolanaTransportException StatusFault(HttpResponseMessage response, string method)
    {
        var transient = response.IsSuccessStatusCode || (int)response.StatusCode >= 500
            || response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;
        var after = response.Headers.RetryAfter;
        return new SolanaTransportException(
            $"{method}: HTTP {(int)response.StatusCode} without a JSON-RPC answer.", transient, response.StatusCode)
        {
            RetryAfter = after?.Delta ?? (after?.Date - time.GetUtcNow()),
        };
    }

    private async Task<ReadOnlyMemory<byte>> ReadBoundedAsync(
        HttpResponseMessage response, string method, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var read = await stream.ReadAsync(buffer.GetMemory(4096), cancellationToken);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }

            buffer.Advance(read);
            if (buffer.WrittenCount > options.MaxResponseBytes)
            {
                throw new SolanaTransportException(
                    $"{method}: the answer is longer than {options.MaxResponseBytes} bytes.", isTransient: false,
                    response.StatusCode);
            }
        }
    }
}

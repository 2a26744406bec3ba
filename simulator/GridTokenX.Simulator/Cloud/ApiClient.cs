using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.Simulator.Cloud;

/// <summary>One request; the same one can be sent again and again.</summary>
internal sealed record ApiRequest(HttpMethod Method, string Path)
{
    /// <summary>Who signs it; null for a public endpoint.</summary>
    public SigningKey? Signer { get; init; }

    public byte[]? Body { get; init; }

    public string? IdempotencyKey { get; init; }

    public static ApiRequest Get(string path, SigningKey? signer = null) =>
        new(HttpMethod.Get, path) { Signer = signer };

    public static ApiRequest Put<T>(string path, T body, JsonTypeInfo<T> type, SigningKey signer) =>
        Post(path, body, type, signer) with { Method = HttpMethod.Put };

    public static ApiRequest Post<T>(
        string path, T body, JsonTypeInfo<T> type, SigningKey? signer = null, string? idempotencyKey = null) =>
        new(HttpMethod.Post, path)
        {
            Signer = signer,
            Body = JsonSerializer.SerializeToUtf8Bytes(body, type),
            IdempotencyKey = idempotencyKey,
        };
}

/// <summary>
/// Talks to one part over HTTP. A part that is away, or that says it is not ready, is asked again, with the same
/// idempotency key and a fresh signature, until it has been away for two minutes on end.
/// </summary>
internal sealed class ApiClient(Uri address, HttpMessageHandler transport, WallTime time) : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Key32, HttpMessageInvoker> _signers = new();
    private readonly HttpMessageInvoker _unsigned = new(transport, disposeHandler: false);

    /// <summary>
    /// Called when the part answers <c>clock_not_set</c>: tells it the time, after which the request is repeated.
    /// </summary>
    public Func<CancellationToken, Task>? ClockNotSet { get; set; }

    public Uri Address => address;

    /// <exception cref="ApiException">Refused, or away for too long.</exception>
    public async Task<T> SendAsync<T>(ApiRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var body = await SendAsync(request, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(body, type)
                ?? throw new ApiException($"{Named(request)} answered null.", HttpStatusCode.OK, code: null);
        }
        catch (JsonException exception)
        {
            throw new ApiException(
                $"{Named(request)} answered what cannot be read.", HttpStatusCode.OK, code: null, exception);
        }
    }

    /// <exception cref="ApiException">Refused, or away for too long.</exception>
    public async Task<byte[]> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        DateTimeOffset? awaySince = null;
        var pause = FirstPause;
        while (true)
        {
            var (body, fault) = await AttemptAsync(request, cancellationToken);
            if (body is not null)
            {
                return body;
            }

            awaySince ??= time.UtcNow;
            if (time.UtcNow - awaySince > Patience)
            {
                throw new ApiException(
                    $"{Named(request)} has had no answer for {Patience.TotalSeconds:0} s: {fault?.Message}",
                    status: null,
                    code: null,
                    fault);
            }

            if (fault is ApiException { Code: ProblemCodes.ClockNotSet } && ClockNotSet is not null)
            {
                await ClockNotSet(cancellationToken);
            }
            else
            {
                await time.DelayAsync(pause, cancellationToken);
                pause = pause < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    public void Dispose()
    {
        foreach (var signer in _signers.Values)
        {
            signer.Dispose();
        }

        _unsigned.Dispose();
    }

    /// <summary>The body of a success, or the fault of a part that may come back. Anything else is thrown.</summary>
    private async Task<(byte[]? Body, Exception? Fault)> AttemptAsync(
        ApiRequest request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AttemptTimeout, time.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var message = Message(request);
            using var response = await InvokerOf(request.Signer).SendAsync(message, either.Token);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            if (response.IsSuccessStatusCode)
            {
                return (body, null);
            }

            var refusal = Refusal(request, response.StatusCode, body);
            return response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
                ? (null, refusal)
                : throw refusal;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (null, exception);
        }
    }

    private HttpRequestMessage Message(ApiRequest request)
    {
        var message = new HttpRequestMessage(request.Method, new Uri(address, request.Path));
        if (request.Body is not null)
        {
            message.Content = new ByteArrayContent(request.Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (request.IdempotencyKey is not null)
        {
            message.Headers.Add(SigningHandler.IdempotencyKeyHeader, request.IdempotencyKey);
        }

        return message;
    }

    private HttpMessageInvoker InvokerOf(SigningKey? signer) => signer is null
        ? _unsigned
        : _signers.GetOrAdd(
            signer.PublicKey,
            _ => new HttpMessageInvoker(new SigningHandler(signer, time, transport), disposeHandler: false));

    private ApiException Refusal(ApiRequest request, HttpStatusCode status, byte[] body)
    {
        Problem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize(body, ProtocolJson.Default.Problem);
        }
        catch (JsonException)
        {
            // Not every answer comes from our own code; then the status has to say it all.
        }

        var reason = $"{problem?.Code} {problem?.Detail ?? problem?.Title}";
        return new ApiException(
            $"{Named(request)} answered {(int)status} {reason}".TrimEnd(), status, problem?.Code);
    }

    private string Named(ApiRequest request) => $"{request.Method} {new Uri(address, request.Path)}";
}

using System.Buffers;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Time;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Forwarding;

/// <summary>The cloud core's HTTP API as a gateway uses it; every request is signed with the gateway's key.</summary>
internal sealed class CloudClient : IDisposable
{
    private const int MaxAnswerBytes = 8 * 1024 * 1024;
    private const int MaxBytesPerReading = 640;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly WallTime _wall;
    private readonly ClockKnowledge _knowledge;
    private readonly string _path;
    private readonly bool _vouchesForTime;
    private volatile bool _isReachable;

    internal CloudClient(GatewayOptions options, SigningKey key, WallTime wall, ClockKnowledge knowledge)
    {
        (_wall, _knowledge) = (wall, knowledge);
        _vouchesForTime = options.CloudUrl.Scheme == "https" || options.CloudUrl.IsLoopback;

        _path = $"/api/gateways/{key.PublicKey}";
        _http = Connect(options, key, wall, knowledge);
    }

    /// <summary>The last request was answered as it should be.</summary>
    internal bool IsReachable => _isReachable;

    public void Dispose() => _http.Dispose();

    /// <summary>Signs every request, by the best time that is known; waits as long as its caller does.</summary>
    internal static HttpClient Connect(
        GatewayOptions options, SigningKey key, WallTime wall, ClockKnowledge knowledge)
    {
#pragma warning disable CA2000 // The client owns its handlers.
        var network = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        return new HttpClient(new SigningHandler(key, new WallTime(new BestTime(knowledge, wall.Clock)), network))
        {
            BaseAddress = options.CloudUrl,
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
#pragma warning restore CA2000
    }

    /// <exception cref="CloudException">No answer, or none that fits.</exception>
    internal async Task<IReadOnlyList<GatewayDevice>> DevicesAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_path}/devices");
        return await SendAsync(request, ProtocolJson.Default.IReadOnlyListGatewayDevice, Whole, cancellationToken);
    }

    /// <summary>One result per reading, in their order.</summary>
    /// <exception cref="CloudException">No answer, or none that fits the batch.</exception>
    internal async Task<IReadOnlyList<ReadingResult>> SubmitAsync(
        IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_path}/readings");
        request.Content = Body(readings);
        var answer = await SendAsync(
            request,
            ProtocolJson.Default.ReadingBatchResponse,
            found => Fits(found.Results, readings),
            cancellationToken);
        return answer.Results;
    }

    /// <summary>How the gateway and its devices are, while readings may still wait here.</summary>
    /// <exception cref="CloudException">No answer, or a refusal.</exception>
    internal async Task SummariseAsync(GatewaySummary summary, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_path}/summary");
        request.Content = new ByteArrayContent(
            JsonSerializer.SerializeToUtf8Bytes(summary, ProtocolJson.Default.GatewaySummary));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        _ = await SendAsync(request, ProtocolJson.Default.SummaryReceipt, static _ => null, cancellationToken);
    }

    private static string? Whole(IReadOnlyList<GatewayDevice> devices) =>
        devices.Any(static device => device is null) ? "The list of devices has holes." : null;

    /// <summary>Null when every result belongs to its reading; otherwise what is wrong.</summary>
    private static string? Fits(IReadOnlyList<ReadingResult> results, IReadOnlyList<SignedReading> readings)
    {
        if (results.Count != readings.Count)
        {
            return $"{results.Count} results for {readings.Count} readings.";
        }

        for (var i = 0; i < results.Count; i++)
        {
            if (results[i] is not { } result
                || result.Device != readings[i].Device
                || result.Sequence != readings[i].Sequence)
            {
                return $"Result {i} is not about reading {i}.";
            }

            var isKnown = result.Status switch
            {
                ReadingResult.Accepted or ReadingResult.Duplicate => true,
                ReadingResult.Rejected => result.Code is { Length: > 0 and <= 64 },
                _ => false,
            };
            if (!isKnown)
            {
                return $"Result {i} has no status that is known.";
            }
        }

        return null;
    }

    /// <summary>A reading a line, packed: that costs less than a microsecond a reading, and always pays.</summary>
    internal static ByteArrayContent Body(IReadOnlyList<SignedReading> readings)
    {
        var lines = new ArrayBufferWriter<byte>(readings.Count * MaxBytesPerReading);
        using (var writer = new Utf8JsonWriter(lines, new JsonWriterOptions { SkipValidation = true }))
        {
            foreach (var reading in readings)
            {
                JsonSerializer.Serialize(writer, reading, ProtocolJson.Default.SignedReading);
                writer.Flush();
                writer.Reset();
                lines.Write("\n"u8);
            }
        }

        using var packed = new MemoryStream(lines.WrittenCount / 2);
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(lines.WrittenSpan);
        }

        var content = new ByteArrayContent(packed.GetBuffer(), 0, (int)packed.Length);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response, DateTimeOffset now) =>
        response.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - now) : null;

    /// <summary>
    /// The cloud's time, also with a refusal: a request may have been refused because this clock is wrong.
    /// </summary>
    private void HearTime(HttpResponseMessage response)
    {
        if (_vouchesForTime && response.Headers.Date is { } date)
        {
            _knowledge.Told(date);
        }
    }

    private async Task<T> SendAsync<T>(
        HttpRequestMessage request, JsonTypeInfo<T> form, Func<T, string?> fault, CancellationToken cancellationToken)
    {
        var answered = false;
        using var timeout = new CancellationTokenSource(Timeout, _wall.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            HearTime(response);
            if (!response.IsSuccessStatusCode)
            {
                throw new CloudException(
                    $"The cloud answered {(int)response.StatusCode}.",
                    response.StatusCode,
                    RetryAfterOf(response, _wall.UtcNow));
            }

            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            var answer = JsonSerializer.Deserialize(body, form)
                ?? throw new CloudException("The cloud answered with nothing.");
            if (fault(answer) is { } misfit)
            {
                throw new CloudException($"The cloud's answer does not fit: {misfit}");
            }

            answered = true;
            return answer;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            throw new CloudException(exception.Message, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CloudException("The cloud did not answer in time.", exception);
        }
        finally
        {
            _isReachable = answered;
        }
    }
}

using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridTokenX.EdgeGateway.Tests.Support;

/// <summary>
/// A cloud that takes readings as the real one does (known ones are duplicates, each device's sequence must grow), on a
/// real port; a test may script faults for the next batches.
/// </summary>
internal sealed class ScriptedCloud : IAsyncDisposable
{
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly Dictionary<Key32, long> _lastSequence = [];
    private readonly HashSet<(Key32, long)> _known = [];
    private WebApplication _application;
    private int _inFlight;

    private ScriptedCloud(TimeProvider clock)
    {
        _clock = clock;
        _application = Build("http://127.0.0.1:0");
    }

    internal delegate Task Fault(
        HttpContext context, IReadOnlyList<SignedReading> batch, Func<ReadingBatchResponse> take);

    internal Uri Url { get; private set; } = new("http://127.0.0.1:1");

    internal ConcurrentDictionary<Key32, string> Devices { get; } = new();

    /// <summary>What was taken, in its order.</summary>
    internal ConcurrentQueue<SignedReading> Accepted { get; } = new();

    internal ConcurrentQueue<int> BatchSizes { get; } = new();

    /// <summary>Codes for readings of a device, until removed.</summary>
    internal ConcurrentDictionary<Key32, string> Refused { get; } = new();

    internal ConcurrentQueue<Fault> Faults { get; } = new();

    internal ConcurrentQueue<string> Complaints { get; } = new();

    internal ConcurrentQueue<GatewaySummary> Summaries { get; } = new();

    /// <summary>How far the cloud's clock is from the test's.</summary>
    internal TimeSpan ClockOffset { get; set; }

    /// <summary>From the next start on over TLS with this; null without.</summary>
    internal X509Certificate2? Certificate { get; set; }

    internal ScriptedPairing Pairing { get; } = new();

    internal int DeviceRequests;

    /// <summary>Connections that were made, also those that came to nothing.</summary>
    internal int Connections;

    internal int Duplicates;

    internal bool IsIdle => Volatile.Read(ref _inFlight) == 0;

    internal static async Task<ScriptedCloud> StartAsync(TimeProvider? clock = null)
    {
        var cloud = new ScriptedCloud(clock ?? TimeProvider.System);
        await cloud._application.StartAsync();
        cloud.Url = new Uri(cloud._application.Urls.Single());
        return cloud;
    }

    internal async Task StopAsync() => await _application.DisposeAsync();

    internal async Task RestartAsync()
    {
        if (Certificate is not null)
        {
            Url = new UriBuilder(Url) { Scheme = Uri.UriSchemeHttps }.Uri;
        }

        _application = Build(Url.ToString());
        await _application.StartAsync();
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    internal void FailNext(int times, Fault fault)
    {
        for (var i = 0; i < times; i++)
        {
            Faults.Enqueue(fault);
        }
    }

    internal static Fault Status(int status) =>
        (context, _, _) =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };

    internal static Fault Body(string body) => (context, _, _) => context.Response.WriteAsync(body);

    internal static Fault Answer(Func<ReadingBatchResponse, ReadingBatchResponse> change) =>
        (context, _, take) => WriteAsync(context, change(take()));

    /// <summary>Takes the batch, then breaks the connection in the middle of the answer.</summary>
    internal static Fault HalfAnAnswer() =>
        async (context, _, take) =>
        {
            var whole = JsonSerializer.SerializeToUtf8Bytes(take(), ProtocolJson.Default.ReadingBatchResponse);
            context.Response.ContentLength = whole.Length;
            await context.Response.Body.WriteAsync(whole.AsMemory(0, whole.Length / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
        };

    private static Task WriteAsync(HttpContext context, ReadingBatchResponse response) =>
        context.Response.WriteAsJsonAsync(response, ProtocolJson.Default.ReadingBatchResponse);

    private WebApplication Build(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        if (Certificate is { } certificate)
        {
            _ = builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(server =>
                server.Listen(IPAddress.Loopback, new Uri(url).Port, listener =>
                {
                    _ = listener.Use(next => connection =>
                    {
                        _ = Interlocked.Increment(ref Connections);
                        return next(connection);
                    });
                    _ = listener.UseHttps(certificate);
                }));
        }
        else
        {
            _ = builder.WebHost.UseUrls(url);
        }

        var application = builder.Build();
        _ = application.Use(async (context, next) =>
        {
            _ = Interlocked.Increment(ref _inFlight);
            try
            {
                context.Response.Headers.Date = (_clock.GetUtcNow() + ClockOffset).ToString("R");
                await next(context);
            }
            finally
            {
                _ = Interlocked.Decrement(ref _inFlight);
            }
        });
        _ = application.MapPost("/api/gateways/{gateway}/summary", TakeSummaryAsync);
        Pairing.Map(application, this);
        _ = application.MapGet("/api/gateways/{gateway}/devices", ListDevicesAsync);
        _ = application.MapPost("/api/gateways/{gateway}/readings", TakeReadingsAsync);
        return application;
    }

    private async Task ListDevicesAsync(HttpContext context)
    {
        _ = Interlocked.Increment(ref DeviceRequests);
        if (Authentic(context, []))
        {
            IReadOnlyList<GatewayDevice> devices = [.. Devices.Select(static d => new GatewayDevice(d.Key, d.Value))];
            await context.Response.WriteAsJsonAsync(devices, ProtocolJson.Default.IReadOnlyListGatewayDevice);
        }
    }

    private async Task TakeSummaryAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        if (Authentic(context, buffer.ToArray()))
        {
            Summaries.Enqueue(
                JsonSerializer.Deserialize(buffer.ToArray(), ProtocolJson.Default.GatewaySummary)!);
            await context.Response.WriteAsJsonAsync(
                new SummaryReceipt(_clock.GetUtcNow()), ProtocolJson.Default.SummaryReceipt);
        }
    }

    private async Task TakeReadingsAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        if (!Authentic(context, buffer.ToArray()))
        {
            return;
        }

        var batch = Unpack(context, buffer.ToArray());
        BatchSizes.Enqueue(batch.Count);
        if (Faults.TryDequeue(out var fault))
        {
            await fault(context, batch, () => Take(batch));
            return;
        }

        await WriteAsync(context, Take(batch));
    }

    internal bool Authentic(HttpContext context, byte[] body)
    {
        var request = context.Request;
        var headers = new SignatureHeaders(
            request.Headers["Signature-Input"].ToString(),
            request.Headers["Signature"].ToString(),
            request.Headers.TryGetValue("Content-Digest", out var digest) ? digest.ToString() : null);
        var query = request.QueryString.Value ?? string.Empty;
        var parts = new SignedParts(request.Method, request.Path, query, body, null);
        var outcome = MessageSignature.Verify(
            parts, headers, _clock.GetUtcNow() + ClockOffset, MessageSignature.DefaultTolerance, out var key);
        if (outcome == SignatureOutcome.Valid && request.Path.ToString().Contains($"/{key}/", StringComparison.Ordinal))
        {
            return true;
        }

        Complaints.Enqueue($"{request.Method} {request.Path}: {outcome}");
        context.Response.StatusCode = 401;
        return false;
    }

    private List<SignedReading> Unpack(HttpContext context, byte[] body)
    {
        if (context.Request.ContentType != "application/x-ndjson" || context.Request.Headers.ContentEncoding != "gzip")
        {
            Complaints.Enqueue($"{context.Request.ContentType} {context.Request.Headers.ContentEncoding}");
        }

        using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        using var lines = new StreamReader(gzip);
        var readings = new List<SignedReading>();
        while (lines.ReadLine() is { } line)
        {
            readings.Add(JsonSerializer.Deserialize(line, ProtocolJson.Default.SignedReading)!);
        }

        return readings;
    }

    private ReadingBatchResponse Take(IReadOnlyList<SignedReading> batch)
    {
        lock (_lock)
        {
            return new ReadingBatchResponse([.. batch.Select(Take)]);
        }
    }

    private ReadingResult Take(SignedReading reading)
    {
        var last = _lastSequence.GetValueOrDefault(reading.Device);
        string? code = null;
        var status = ReadingResult.Accepted;
        if (Refused.TryGetValue(reading.Device, out var refusal))
        {
            (status, code) = (ReadingResult.Rejected, refusal);
        }
        else if (_known.Contains((reading.Device, reading.Sequence)))
        {
            status = ReadingResult.Duplicate;
            Duplicates++;
        }
        else if (reading.Sequence <= last || !reading.HasValidSignature())
        {
            (status, code) = (ReadingResult.Rejected, ProblemCodes.SequenceReused);
        }
        else
        {
            _lastSequence[reading.Device] = reading.Sequence;
            _ = _known.Add((reading.Device, reading.Sequence));
            Accepted.Enqueue(reading);
        }

        return new ReadingResult(reading.Device, reading.Sequence, status, code);
    }
}

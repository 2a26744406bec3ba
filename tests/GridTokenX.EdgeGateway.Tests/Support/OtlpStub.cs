using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridTokenX.EdgeGateway.Tests.Support;

/// <summary>What one metric told: its value, and the values of its attributes in their order.</summary>
internal sealed record OtlpPoint(string Name, bool IsSum, double Value, string Attributes);

/// <summary>
/// A collector's end of OTLP over HTTP: takes protobuf on /v1/metrics and reads of it what a metric is
/// (opentelemetry/proto/metrics/v1/metrics.proto).
/// </summary>
internal sealed class OtlpStub : IAsyncDisposable
{
    private readonly WebApplication _application;

    private OtlpStub()
    {
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.UseUrls("http://127.0.0.1:0");
        _application = builder.Build();
        _ = _application.MapPost("/v1/metrics", TakeAsync);
    }

    internal ConcurrentQueue<OtlpPoint> Points { get; } = new();

    internal ConcurrentQueue<string> ContentTypes { get; } = new();

    internal string Url => _application.Urls.Single();

    internal static async Task<OtlpStub> StartAsync()
    {
        var stub = new OtlpStub();
        await stub._application.StartAsync();
        return stub;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        ContentTypes.Enqueue(context.Request.ContentType ?? string.Empty);
        var metrics = Within(body.ToArray(), 1) // resource_metrics
            .SelectMany(static resource => Within(resource, 2)) // scope_metrics
            .SelectMany(static scope => Within(scope, 2)); // metrics
        foreach (var metric in metrics)
        {
            Add(metric);
        }

        context.Response.ContentType = "application/x-protobuf";
    }

    private void Add(ReadOnlyMemory<byte> metric)
    {
        const int Gauge = 5;
        const int Sum = 7;
        var name = Text(Within(metric, 1).Single());
        foreach (var (kind, data) in Fields(metric).Where(static field => field.Number is Gauge or Sum))
        {
            foreach (var point in Within(data, 1))
            {
                var value = BinaryPrimitives.ReadDoubleLittleEndian(Within(point, 4).Single().Span);
                var attributes = Within(point, 7)
                    .Select(static pair => Text(Within(Within(pair, 2).Single(), 1).Single()));
                Points.Enqueue(new OtlpPoint(name, kind == Sum, value, string.Join(',', attributes)));
            }
        }
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static IEnumerable<ReadOnlyMemory<byte>> Within(ReadOnlyMemory<byte> message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(static field => field.Data);

    /// <summary>Fields of fixed length and with a length of their own; other numbers are passed over.</summary>
    private static List<(int Number, ReadOnlyMemory<byte> Data)> Fields(ReadOnlyMemory<byte> message)
    {
        var fields = new List<(int, ReadOnlyMemory<byte>)>();
        while (!message.IsEmpty)
        {
            var tag = (int)Varint(ref message);
            var length = (tag & 7) switch
            {
                0 => 0,
                1 => 8,
                2 => (int)Varint(ref message),
                5 => 4,
                _ => throw new InvalidDataException($"No wire type of protobuf: {tag & 7}."),
            };
            if ((tag & 7) == 0)
            {
                _ = Varint(ref message);
                continue;
            }

            fields.Add((tag >> 3, message[..length]));
            message = message[length..];
        }

        return fields;
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> message)
    {
        var (value, shift) = (0UL, 0);
        byte one;
        do
        {
            one = message.Span[0];
            message = message[1..];
            value |= (ulong)(one & 0x7F) << shift;
            shift += 7;
        }
        while (one >= 0x80);
        return value;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Benchmarks.Market;

/// <summary>What any request of the API costs: an endpoint that does nothing, signed and public.</summary>
internal static class RequestBench
{
    private const string Name = "market";
    private const int Connections = 64;
    private const int PerConnection = 600;

    private static readonly byte[] Body = Encoding.UTF8.GetBytes(
        """{"side":"buy","zone":"zone-1","energy_kwh":1.5,"price":4.25,"expires_at":"2026-06-01T13:00:00Z"}""");

    internal static async IAsyncEnumerable<Measurement> RunAsync(ReadingsRig rig, TimeProvider time)
    {
        using var key = SigningKey.Generate();
        _ = await RunAsync(rig, Signed(key, time.GetUtcNow()), PerConnection);
        var before = VerifyRate.Measure();
        var open = await RunAsync(rig, Public(), PerConnection * 2);
        var signed = await RunAsync(rig, Signed(key, time.GetUtcNow()), PerConnection * 2);
        var verify = VerifyRate.Mean(before, VerifyRate.Measure());
        yield return new Measurement(Name, "requests that do nothing, public", "requests/s", Math.Round(open.Rate));
        yield return new Measurement(
            Name,
            "requests that do nothing, signed",
            "requests/s",
            Math.Round(signed.Rate),
            Math.Round(verify.PerSecond));
        yield return new Measurement(Name, "CPU a public request, with the client", "µs", open.Cpu);
        yield return new Measurement(
            Name, "CPU a signed request, with the client", "µs", signed.Cpu, Math.Round(verify.Cpu, 1));
    }

    private static byte[][] Signed(SigningKey key, DateTimeOffset created)
    {
        var requests = new byte[PerConnection][];
        _ = Parallel.For(0, PerConnection, i =>
        {
            var idempotencyKey = string.Create(CultureInfo.InvariantCulture, $"order-{i}");
            var parts = new SignedParts("POST", ReadingsRig.SignedProbe, string.Empty, Body, idempotencyKey);
            var headers = MessageSignature.Sign(parts, key, created);
            requests[i] = Request(ReadingsRig.SignedProbe, string.Create(
                CultureInfo.InvariantCulture,
                $"Idempotency-Key: {idempotencyKey}\r\nSignature-Input: {headers.SignatureInput}\r\n")
                + $"Signature: {headers.Signature}\r\nContent-Digest: {headers.ContentDigest}\r\n");
        });
        return requests;
    }

    private static byte[][] Public() =>
        [.. Enumerable.Repeat(Request(ReadingsRig.PublicProbe, string.Empty), PerConnection)];

    private static byte[] Request(string path, string headers) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n")
            + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n{headers}\r\n")),
        .. Body,
    ];

    private static async Task<(double Rate, double Cpu)> RunAsync(
        ReadingsRig rig, IReadOnlyList<byte[]> requests, int perConnection)
    {
        var sockets = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => ConnectAsync(rig.Address)));
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(sockets.Select(socket => SendAsync(socket, requests, perConnection)));
        var elapsed = watch.Elapsed;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }

        var count = Connections * perConnection;
        return (count / elapsed.TotalSeconds, Math.Round(cpu.TotalMicroseconds / count, 1));
    }

    private static async Task<Socket> ConnectAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        return socket;
    }

    /// <summary>A client that costs as little as one can: whole requests out, an answer's last bytes in.</summary>
    private static async Task SendAsync(Socket socket, IReadOnlyList<byte[]> requests, int count)
    {
        var buffer = new byte[4096];
        for (var i = 0; i < count; i++)
        {
            _ = await socket.SendAsync(requests[i % requests.Count]);
            var length = 0;
            while (length == 0 || !buffer.AsSpan(0, length).EndsWith("\r\n\r\nok"u8))
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(length));
                length += read;
                if (read == 0 || length == buffer.Length)
                {
                    throw new InvalidOperationException(Encoding.UTF8.GetString(buffer, 0, length));
                }
            }
        }
    }
}

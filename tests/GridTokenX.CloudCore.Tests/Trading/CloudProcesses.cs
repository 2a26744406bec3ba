using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>Two cloud cores on one database, each a process that is killed, stopped and started at will.</summary>
internal sealed class CloudProcesses(string database, DateTimeOffset began) : IAsyncDisposable
{
    internal const int Count = 2;

    private readonly string _keys = Directory.CreateTempSubdirectory("gtx-crash-").FullName;
    private readonly Process?[] _processes = new Process?[Count];
    private readonly Uri[] _addresses = [.. Enumerable.Range(0, Count).Select(static _ => FreeAddress())];
    private readonly HttpClient _plain = new() { Timeout = TimeSpan.FromSeconds(15) };

    internal Uri Address(int process) => _addresses[process];

    internal void Start(int process)
    {
        var program = typeof(CloudProgram).Assembly.Location;
        var dotnet = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string[] settings =
        [
            CloudProgram.MarketBegan + began.UtcTicks.ToString(CultureInfo.InvariantCulture),
            $"--Urls={_addresses[process]}",
            $"--Cloud:Database={database}",
            $"--Cloud:KeyFolder={_keys}",
            $"--Cloud:OperatorKey={new Key32(new byte[Key32.Length])}",
            "--Trading:MatchInterval=00:00:00",
            "--Trading:MaxOpenOrders=100000",
            "--Trading:SnapshotLines=500",
            "--Solana:RpcUrl=http://127.0.0.1:1",
            .. CrashZones.Settings,

            // All the requests come from one address.
            "--RateLimits:AddressPerSecond=1000000",
            "--RateLimits:AddressBurst=1000000",
            "--RateLimits:SignerPerSecond=1000000",
            "--RateLimits:SignerBurst=1000000",
        ];
        _processes[process] = Process.Start(new ProcessStartInfo(dotnet, ["exec", program, .. settings])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        });
        _processes[process]!.OutputDataReceived += (_, line) => Write(process, line.Data);
        _processes[process]!.ErrorDataReceived += (_, line) => Write(process, line.Data);
        _processes[process]!.BeginOutputReadLine();
        _processes[process]!.BeginErrorReadLine();
    }

    /// <summary>What the processes wrote: warnings and worse.</summary>
    internal System.Collections.Concurrent.ConcurrentQueue<string> Output { get; } = new();

    internal async Task KillAsync(int process)
    {
        if (_processes[process] is { } running)
        {
            running.Kill();
            await running.WaitForExitAsync();
            running.Dispose();
            _processes[process] = null;
        }
    }

    /// <summary>Stands still, and knows nothing of it afterwards.</summary>
    internal Task SuspendAsync(int process) => SignalAsync("-STOP", process);

    internal Task ResumeAsync(int process) => SignalAsync("-CONT", process);

    internal async Task<bool> AnswersAsync(int process)
    {
        try
        {
            using var response = await _plain.GetAsync(new Uri(_addresses[process],
                "/api/trading/orders/active?limit=1"));
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>Every one of them answers.</summary>
    internal async Task<bool> AnswerAsync()
    {
        for (var process = 0; process < Count; process++)
        {
            if (!await AnswersAsync(process))
            {
                return false;
            }
        }

        return true;
    }

    internal static HttpClient Client(SigningKey key) =>
        new(new SigningHandler(key, new WallTime(TimeProvider.System), new SocketsHttpHandler()))
        {
            Timeout = TimeSpan.FromSeconds(15),
        };

    /// <summary>Null when there was no answer, or none that is final.</summary>
    internal async Task<HttpResponseMessage?> TryPostAsync(
        HttpClient client, int process, string path, object body, string idempotencyKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_addresses[process], path));
        request.Content = JsonContent.Create(body, ProtocolJson.Default.GetTypeInfo(body.GetType())!);
        request.Headers.Add(SigningHandler.IdempotencyKeyHeader, idempotencyKey);
        try
        {
            var response = await client.SendAsync(request);
            if ((int)response.StatusCode < 500)
            {
                return response;
            }

            response.Dispose();
            return null;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var process = 0; process < Count; process++)
        {
            await KillAsync(process);
        }

        _plain.Dispose();
        Directory.Delete(_keys, recursive: true);
    }

    private async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [signal, $"{_processes[process]!.Id}"]);
        await kill.WaitForExitAsync();
    }

    private void Write(int process, string? line)
    {
        if (line is not null && Output.Count < 10_000)
        {
            Output.Enqueue($"{process}: {line}");
        }
    }

    /// <summary>
    /// Below the range that the kernel gives out by itself: while a process is dead nobody else gets its port.
    /// </summary>
    private static Uri FreeAddress()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 30_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return new Uri($"http://127.0.0.1:{port}");
            }
            catch (SocketException)
            {
                // Taken: another one.
            }
        }
    }
}

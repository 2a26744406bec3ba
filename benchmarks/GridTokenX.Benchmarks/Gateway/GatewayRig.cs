using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Ingest;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace GridTokenX.Benchmarks.Gateway;

/// <summary>Real brokers, a cloud that agrees to everything, and a gateway as a process of its own.</summary>
internal sealed class GatewayRig : IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-bench-").FullName;
    private readonly TimeProvider _clock;
    private readonly MosquittoBroker _cloudBroker;
    private WebApplication _cloud;
    private Process? _gateway;
    private long _taken;
    private volatile TaskCompletionSource? _held;

    private GatewayRig(TimeProvider clock, MosquittoBroker home, MosquittoBroker cloud, int devices)
    {
        (_clock, Home, _cloudBroker) = (clock, home, cloud);
        Devices = [.. Enumerable.Range(0, devices).Select(static _ => SigningKey.Generate())];
        _cloud = Cloud(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{0}"));
    }

    internal MosquittoBroker Home { get; }

    /// <summary>The one that runs this program.</summary>
    private static string Dotnet =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    internal IReadOnlyList<SigningKey> Devices { get; }

    /// <summary>Readings that the cloud has taken.</summary>
    internal long Taken => Interlocked.Read(ref _taken);

    internal Process Gateway => _gateway ?? throw new InvalidOperationException("The gateway does not run.");

    private string Database => Path.Combine(_folder, "gateway.db");

    private string[] Settings =>
    [
        "--urls", "http://127.0.0.1:0",
        "--Logging:LogLevel:Default", "Warning",
        "--Logging:LogLevel:GridTokenX.EdgeGateway.Hosting.GatewayApplication", "Information",
        "--Gateway:DataFolder", _folder,
        "--Gateway:CloudUrl", _cloud.Urls.Single(),
        "--Gateway:HomeBroker:Port", $"{Home.Port}",
        "--Gateway:CloudBroker:Port", $"{_cloudBroker.Port}",
        "--Gateway:ReturnSpreadSeconds", "0",
    ];

    internal static async Task<GatewayRig> CreateAsync(TimeProvider clock, int devices)
    {
        var rig = new GatewayRig(
            clock, await MosquittoBroker.StartAsync(), await MosquittoBroker.StartAsync(), devices);
        await rig._cloud.StartAsync();
        return rig;
    }

    internal static SignedReading Reading(SigningKey device, long sequence)
    {
        var unsigned = new SignedReading
        {
            Device = device.PublicKey,
            Sequence = sequence,
            Timestamp = Noon.AddMinutes(15 * (sequence % 10_000)),
            ProductionWh = 1000 + sequence,
            ConsumptionWh = 500,
            SocPermille = ReadingBytes.NoBattery,
            Flags = 0,
            IntervalSeconds = 900,
            Signature = [],
        };
        return unsigned with { Signature = device.Sign(unsigned.CanonicalBytes()) };
    }

    /// <summary>Into the buffer, out of it, and marked, in the sizes of the product.</summary>
    internal static async Task<IReadOnlyList<Measurement>> OutboxStepsAsync(
        TimeProvider clock, IReadOnlyList<SignedReading> readings, Func<string, int, Action, Measurement> measure)
    {
        const int Batch = 500;
        await using var rig = await CreateAsync(clock, 1);
        var wall = new WallTime(clock);
        using var database = new GatewayDatabase(rig.Database, wall);
        var outbox = new ReadingOutbox(
            database, GatewayOptions.Read(new ConfigurationBuilder().AddCommandLine(rig.Settings).Build()));
        var directory = new DeviceDirectory(database);
        _ = directory.Replace([.. readings.Select(static r => r.Device).Distinct()
            .Select(static device => new GatewayDevice(device, "meter"))]);
        List<MqttMessage> messages = [.. readings.Select(static r => new MqttMessage(
            Topics.Reading(r.Device.ToString()),
            JsonSerializer.SerializeToUtf8Bytes(r, ProtocolJson.Default.SignedReading),
            false))];
        var check = measure("check of a message, signature and all", messages.Count, () =>
        {
            if (messages.Exists(message => ReadingCheck.Refuse(message, directory, out _) is not null))
            {
                throw new InvalidOperationException("A reading is refused.");
            }
        });
        var steps = new List<Measurement>();
        for (var round = 0; round < 2; round++)
        {
            // The first round, of half of them, is for warmth.
            steps.Clear();
            var half = readings.Count / 2;
            var part = readings.Skip(round * half).Take(half).ToList();
            steps.Add(measure("append", half, () => part.Chunk(Batch).ToList().ForEach(c => _ = outbox.Append(c))));
            var takes = new Measurement[half / Batch];
            var settles = new Measurement[half / Batch];
            for (var i = 0; i < half / Batch; i++)
            {
                List<PendingReading> taken = [];
                takes[i] = measure("take", Batch, () => taken = outbox.Take(Batch, wall.UtcNow, []));
                settles[i] = measure(
                    "settle", Batch, () => outbox.Settle(taken.ConvertAll(static one => new Verdict(one, null))));
            }

            steps.Add(takes[0] with { Value = Math.Round(takes.Average(static one => one.Value), 2) });
            steps.Add(settles[0] with { Value = Math.Round(settles.Average(static one => one.Value), 2) });
        }

        return [check, .. steps];
    }

    /// <summary>As an earlier run has left them; before the start.</summary>
    internal void Store(IEnumerable<SignedReading> readings)
    {
        var configuration = new ConfigurationBuilder().AddCommandLine(Settings).Build();
        using var database = new GatewayDatabase(Database, new WallTime(_clock));
        _ = new DeviceDirectory(database).Replace(
            [.. Devices.Select(static (device, i) => new GatewayDevice(device.PublicKey, $"meter-{i}"))]);
        var outbox = new ReadingOutbox(database, GatewayOptions.Read(configuration));
        foreach (var chunk in readings.Chunk(10_000))
        {
            _ = outbox.Append(chunk);
        }
    }

    /// <summary>From now on the cloud takes its time: the gateway waits for its answer, and forwards nothing.</summary>
    internal void HoldAnswers() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It answers, also what it was asked meanwhile.</summary>
    internal void LetAnswer()
    {
        var held = _held;
        _held = null;
        held?.SetResult();
    }

    /// <summary>Rows that were forwarded before: history, with signatures that nobody looks at any more.</summary>
    internal void StoreHistory(int rows)
    {
        Store([]);
        using var database = new GatewayDatabase(Database, new WallTime(_clock));
        var signature = new byte[64];
        for (var first = 0; first < rows; first += 50_000)
        {
            var from = first;
            database.Write(db =>
            {
                for (var i = from; i < Math.Min(rows, from + 50_000); i++)
                {
                    _ = db.Command(
                        """
                        insert into reading (device, sequence, timestamp, production_wh, consumption_wh, soc_permille,
                          flags, interval_s, signature, status) values ($d, $s, 1780000000, $s, 5, 65535, 0, 900, $g, 1)
                        """,
                        ("$d", Devices[i % Devices.Count].PublicKey.ToArray()),
                        ("$s", (long)(i / Devices.Count) + 1),
                        ("$g", signature)).ExecuteNonQuery();
                }
            });
        }
    }

    /// <summary>Until no more readings have come for a while.</summary>
    internal async Task IsDrainedAsync()
    {
        const int Enough = 100;
        var (before, quiet) = (Taken, 0);
        await Eventually.HoldsAsync(
            () =>
            {
                (before, quiet) = (Taken, Taken == before ? quiet + 1 : 0);
                return quiet == Enough;
            },
            TimeSpan.FromMinutes(5));
    }

    internal async Task StartGatewayAsync(params string[] settings)
    {
        var program = typeof(GatewayApplication).Assembly.Location;
        _gateway = Process.Start(new ProcessStartInfo(Dotnet, ["exec", program, .. Settings, .. settings])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        _gateway.OutputDataReceived += static (_, line) =>
        {
            if (line.Data is { } told
                && (told.Contains("warn:", StringComparison.Ordinal)
                    || told.Contains("fail:", StringComparison.Ordinal)))
            {
                Console.Error.WriteLine(told);
            }
        };
        _gateway.BeginOutputReadLine();
        await Eventually.HoldsAsync(
            () => Home.Log.Contains("gateway-", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is { HasExited: false })
        {
            _gateway.Kill();
            await _gateway.WaitForExitAsync();
        }

        _gateway?.Dispose();
        await _cloud.DisposeAsync();
        await Home.DisposeAsync();
        await _cloudBroker.DisposeAsync();
        foreach (var device in Devices)
        {
            device.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private WebApplication Cloud(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.UseUrls(url);
        var application = builder.Build();
        _ = application.MapGet("/api/gateways/{gateway}/devices", (HttpContext context) =>
            context.Response.WriteAsJsonAsync(
                [.. Devices.Select(static (device, i) => new GatewayDevice(device.PublicKey, $"meter-{i}"))],
                ProtocolJson.Default.IReadOnlyListGatewayDevice));
        _ = application.MapPost("/api/gateways/{gateway}/readings", TakeAsync);
        _cloud = application;
        return application;
    }

    /// <summary>Reads no more of each line than it must: the stub shall not be what is measured.</summary>
    private async Task TakeAsync(HttpContext context)
    {
        if (_held is { } held)
        {
            await held.Task;
        }

        using var body = new MemoryStream();
        await using (var gzip = new GZipStream(context.Request.Body, CompressionMode.Decompress))
        {
            await gzip.CopyToAsync(body);
        }

        using var answer = new MemoryStream();
        var count = Answer(body.GetBuffer().AsSpan(0, (int)body.Length), answer);
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length));
        _ = Interlocked.Add(ref _taken, count);
    }

    private static int Answer(ReadOnlySpan<byte> lines, MemoryStream answer)
    {
        var count = 0;
        using var writer = new Utf8JsonWriter(answer);
        writer.WriteStartObject();
        writer.WriteStartArray("results");
        foreach (var range in lines.Split((byte)'\n'))
        {
            if (lines[range].IsEmpty)
            {
                continue;
            }

            var reader = new Utf8JsonReader(lines[range]);
            string? device = null;
            long sequence = 0;
            while ((device is null || sequence == 0) && reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("device"u8))
                {
                    _ = reader.Read();
                    device = reader.GetString();
                }
                else if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("sequence"u8))
                {
                    _ = reader.Read();
                    sequence = reader.GetInt64();
                }
            }

            writer.WriteStartObject();
            writer.WriteString("device", device);
            writer.WriteNumber("sequence", sequence);
            writer.WriteString("status", ReadingResult.Accepted);
            writer.WriteNull("code");
            writer.WriteEndObject();
            count++;
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        return count;
    }
}

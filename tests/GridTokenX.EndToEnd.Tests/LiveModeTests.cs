using GridTokenX.EndToEnd.Tests.Pairing;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Cloud;
using GridTokenX.Simulator.Live;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>Live mode against a real cloud core, over HTTP and through a real gateway.</summary>
#pragma warning disable CA1001 // DisposeAsync of xunit gives it back.
public sealed class LiveModeTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-live-").FullName;
    private readonly SocketsHttpHandler _transport = new();
    private PairingStack _stack = null!;
    private ApiClient _client = null!;
    private LiveKeys _keys = null!;
    private WallTime _time = null!;

    private static LiveOptions Options { get; } = new()
    {
        Meters = 5,
        Seed = 1,
        Zone = "zone-1",
        Interval = TimeSpan.FromSeconds(1),
        Duration = TimeSpan.FromSeconds(2),
        RequestsPerSecond = 1_000,
    };

    public async Task InitializeAsync()
    {
        _stack = await PairingStack.StartAsync();
        _client = new ApiClient(_stack.CloudUrl, _transport, new WallTime(TimeProvider.System));
        _time = new WallTime(new ShiftedTime(_stack.Now));
        _keys = LiveKeys.LoadOrCreate(Path.Combine(_folder, "live.json"));
    }

    public async Task DisposeAsync()
    {
        _keys.Dispose();
        _client.Dispose();
        _transport.Dispose();
        await _stack.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Readings_over_http_are_all_taken_and_a_second_run_goes_on_behind_them()
    {
        var first = await OverHttpAsync(CancellationToken.None);
        first.Finished.ShouldBeTrue();
        first.Rounds.ShouldBe(3);
        ShouldBeTaken(first);
        (await StoredAsync()).ShouldBe(first.Accepted);

        var second = await OverHttpAsync(CancellationToken.None);
        ShouldBeTaken(second);
        (await StoredAsync()).ShouldBe(first.Accepted + second.Accepted);
    }

    [Fact]
    public async Task Stopped_run_reports_what_it_has_played()
    {
        using var stop = new CancellationTokenSource();
        var report = await OverHttpAsync(stop.Token, progress =>
        {
            if (progress.Accepted > 0)
            {
                stop.Cancel();
            }
        });

        report.Finished.ShouldBeFalse();
        report.Accepted.ShouldBePositive();
        report.RefusedByCode.ShouldBeEmpty();
        (report.Accepted + report.Duplicate + report.Unanswered).ShouldBe(report.Signed);
    }

    [Fact]
    public async Task Readings_through_a_gateway_are_acknowledged_and_reach_the_cloud()
    {
        var gateway = await _stack.AddGatewayAsync();
        var broker = new LiveBroker { Host = "127.0.0.1", Port = _stack.HomeBroker.Port };
        var uplink = new MqttUplink(broker, [], new WallTime(TimeProvider.System));
        await uplink.OpenAsync(CancellationToken.None);
        var report = await PlayAsync(uplink, gateway.Key, "mqtt", CancellationToken.None);

        ShouldBeTaken(report);
        await _stack.UntilAsync(
            async () => await StoredAsync() == report.Accepted, "the gateway has forwarded what it acknowledged");
    }

    private static void ShouldBeTaken(LiveReport report)
    {
        report.RefusedByCode.ShouldBeEmpty();
        report.Unanswered.ShouldBe(0);
        report.Dropped.ShouldBe(0);
        report.Signed.ShouldBePositive();
        (report.Accepted + report.Duplicate).ShouldBe(report.Signed);
    }

    private Task<LiveReport> OverHttpAsync(CancellationToken stop, Action<LiveProgress>? told = null) =>
        PlayAsync(new HttpUplink(_client, _keys.Gateway), _keys.Gateway.PublicKey, "http", stop, told);

    private async Task<LiveReport> PlayAsync(
        ILiveUplink uplink, Key32 gateway, string via, CancellationToken stop, Action<LiveProgress>? told = null)
    {
        await using var way = uplink;
        var opening = new LiveOpening(new CloudApi(_client), Options, _keys);
        await opening.RegisterGatewayAsync(gateway, _stack.Operator, CancellationToken.None);
        var meters = await opening.RegisterMetersAsync(gateway, static _ => { }, CancellationToken.None);
        var run = new LiveRun(Options, meters, uplink, via, _time) { Told = told };
        var report = await run.PlayAsync(stop);
        foreach (var meter in meters)
        {
            meter.Dispose();
        }

        return report;
    }

    private async Task<long> StoredAsync() => (long)(await _stack.QueryAsync("select count(*) from readings"))!;

    /// <summary>The market time of the stack, which stands still, and goes on here as the wall's does.</summary>
    private sealed class ShiftedTime(DateTimeOffset now) : TimeProvider
    {
        private readonly TimeSpan _shift = now - System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _shift;
    }
}

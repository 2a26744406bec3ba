using System.Net;
using System.Text.Json;
using GridTokenX.CloudCore.Gateways;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Tests.Gateways;

public sealed class SummaryTests : IAsyncLifetime
{
    private readonly SteppedTime _wall = new(
        DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));

    private readonly SigningKey _device = SigningKey.Generate();
    private CloudHost _host = null!;
    private OwnedGateway _owned = null!;

    public async Task InitializeAsync()
    {
        _host = await CloudHost.StartAsync(new CloudHostOptions { Clock = _wall });
        _owned = await OwnedGateway.ClaimedAsync(_host);
        await _owned.PairAsync("MTR-1", _device).ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    public async Task DisposeAsync()
    {
        _device.Dispose();
        _owned.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task The_newest_of_a_gateway_and_its_devices_is_what_its_owner_and_the_operator_see()
    {
        var before = await ViewAsync(_owned.Owner);
        before.Health.ShouldBeNull();
        before.Devices.ShouldBe([new GatewayDeviceView(_device.PublicKey, "MTR-1", false, false, 0, null)]);
        var seen = new DeviceSummary(_device.PublicKey, true, 17, CloudHost.Noon, 873, -130);
        await SendAsync(Summary(seen with { LastSequence = 16 })).ShouldBeStatusAsync(HttpStatusCode.OK);

        var receipt = await SendAsync(Summary(seen)).ShouldBeAsync(
            HttpStatusCode.OK, ProtocolJson.Default.SummaryReceipt);

        receipt.Now.ShouldBe(_host.Now);
        var view = await ViewAsync(_owned.Owner);
        view.Health.ShouldNotBeNull().Alarms.ShouldBe(["clock"]);
        (view.Health with { Alarms = [] }).ShouldBe(view.Health with
        {
            ReceivedAt = _wall.GetUtcNow(),
            ClockOffsetSeconds = 90,
            Backlog = 5,
            OldestPending = CloudHost.Noon,
            Quarantined = 2,
            Alarms = [],
        });
        view.Devices.Single().Newest.ShouldBe(seen);
        (await ViewAsync(_host.OperatorKey)).Devices.ShouldBe(view.Devices);
        (await ViewAsync(_owned.Gateway)).Owner.ShouldBe(_owned.Owner.PublicKey);
    }

    [Fact]
    public async Task Nobody_else_sees_it_or_speaks_for_it()
    {
        using var stranger = await OwnedGateway.ClaimedAsync(_host);
        await _host.GetAsync(stranger.Owner, _owned.Path)
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await _host.GetAsync(_owned.Owner, "/api/gateways/nobody")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
        await _host.PostAsync(stranger.Gateway, $"{_owned.Path}/summary", Summary())
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }

    [Fact]
    public async Task A_gateway_is_heard_about_its_own_devices_only()
    {
        using var stranger = await OwnedGateway.ClaimedAsync(_host);
        var claimed = new DeviceSummary(_device.PublicKey, false, 99, null, null, null);
        await _host.PostAsync(stranger.Gateway, $"{stranger.Path}/summary", Summary(claimed))
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        (await ViewAsync(_owned.Owner)).Devices.Single().Newest.ShouldBeNull();
        (await _host.CountAsync("device_sights")).ShouldBe(0);
    }

    [Fact]
    public async Task A_thousand_devices_fit_and_what_is_out_of_bounds_is_refused()
    {
        var many = Enumerable.Range(0, GatewaySummaries.MaxDevices + 1)
            .Select(static i => new DeviceSummary(
                new Key32([.. BitConverter.GetBytes(i), .. new byte[28]]), true, i, CloudHost.Noon, 500, 100_000))
            .ToArray();
        await SendAsync(Summary(many[1..])).ShouldBeStatusAsync(HttpStatusCode.OK);
        GatewaySummary[] unfit =
        [
            Summary(many),
            Summary(many[0], many[0]),
            Summary(many[0] with { SocPermille = 1001 }),
            Summary(many[0] with { LastSequence = -1 }),
            Summary() with { Backlog = -1 },
            Summary() with { Version = string.Empty },
            Summary() with { Version = "<b>" },
            Summary() with { Version = new string('1', 41) },
            Summary() with { Alarms = ["<b>"] },
            Summary() with { Alarms = [new string('a', 41)] },
            Summary() with { Alarms = [.. Enumerable.Repeat("a", GatewaySummaries.MaxAlarms + 1)] },
        ];
        foreach (var summary in unfit)
        {
            await SendAsync(summary).ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        }
    }

    [Fact]
    public async Task Whoever_looks_after_gateways_sees_which_program_each_of_them_runs()
    {
        // One that does not tell it is taken as before.
        const string Before = """
            {"sent_at":null,"backlog":0,"oldest_pending":null,"quarantined":0,"alarms":[],"devices":[]}
            """;
        var told = JsonSerializer.Deserialize(Before, ProtocolJson.Default.GatewaySummary).ShouldNotBeNull();
        told.Version.ShouldBeNull();
        await SendAsync(Summary()).ShouldBeStatusAsync(HttpStatusCode.OK);
        (await ViewAsync(_owned.Owner)).Health.ShouldNotBeNull().Version.ShouldBeNull();

        await SendAsync(Summary() with { Version = "1.2.0~rc1" }).ShouldBeStatusAsync(HttpStatusCode.OK);

        (await ViewAsync(_owned.Owner)).Health.ShouldNotBeNull().Version.ShouldBe("1.2.0~rc1");
        var listed = await _host.GetAsync(_host.OperatorKey, "/api/gateways").Then(ProtocolJson.Default.GatewayList);
        listed.Gateways.Single(gateway => gateway.Gateway == _owned.Gateway.PublicKey)
            .Health.ShouldNotBeNull().Version.ShouldBe("1.2.0~rc1");
    }

    private GatewaySummary Summary(params DeviceSummary[] devices) =>
        new(_wall.GetUtcNow().AddSeconds(90), 5, CloudHost.Noon, 2, ["clock"], devices);

    private Task<HttpResponseMessage> SendAsync(GatewaySummary summary) =>
        _host.PostAsync(_owned.Gateway, $"{_owned.Path}/summary", summary);

    private Task<GatewayView> ViewAsync(SigningKey caller) =>
        _host.GetAsync(caller, _owned.Path).Then(ProtocolJson.Default.GatewayView);
}

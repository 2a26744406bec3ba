using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Live;
using GridTokenX.Testing;

namespace GridTokenX.Simulator.Tests.Live;

/// <summary>Through a real broker that lets in by user, password and access list, as an installation's does.</summary>
public sealed class MqttUplinkTests : IDisposable
{
    private static readonly WallTime Wall = new(TimeProvider.System);
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly LiveWorld _world = new(meters: 3);

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Every_meter_comes_as_itself_over_tls_and_within_the_packages_access_list()
    {
        await using var broker = await _world.BrokerAsync(_world.Authority.Certify("127.0.0.1"));
        await using var gateway = await _world.GatewayAsync(broker);
        await using var uplink = _world.Uplink(broker, Wall, _world.Authority.File);

        await uplink.OpenAsync(None);
        var verdicts = await uplink.SendAsync(_world.Readings(), None);

        verdicts.Count.ShouldBe(3);
        verdicts.ShouldAllBe(static verdict => verdict.Code == null);
    }

    [Fact]
    public async Task One_user_speaks_for_all_where_the_access_list_says_so()
    {
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(
            new Dictionary<string, string> { ["gateway"] = "g", ["simulator"] = "s" },
            LiveWorld.GatewayAccess
            + "user simulator\ntopic write gtx/v1/+/reading\ntopic read gtx/v1/+/reading/ack\n"));
        await using var gateway = await _world.GatewayAsync(broker);
        var user = new BrokerUser("simulator", "s");
        await using var uplink = new MqttUplink(
            new LiveBroker { Host = "127.0.0.1", Port = broker.Port, User = user }, [], Wall);

        await uplink.OpenAsync(None);

        (await uplink.SendAsync(_world.Readings(), None)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_meter_that_the_broker_shuts_out_holds_nobody_else_up()
    {
        await using var broker = await _world.BrokerAsync();
        await using var gateway = await _world.GatewayAsync(broker);
        await using var uplink = _world.Uplink(broker, Wall);
        await uplink.OpenAsync(None);
        var users = Path.Combine(broker.Folder, "passwords");
        var left = (await File.ReadAllLinesAsync(users))
            .Where(line => !line.StartsWith($"{_world.Meters[0].Device}:", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(users, left);
        broker.Reload();

        IReadOnlyList<LiveVerdict> verdicts = [];
        await Eventually.HoldsAsync(async () =>
        {
            verdicts = await uplink.SendAsync(_world.Readings(), None);
            return verdicts.Count < 3;
        });

        verdicts.Select(static verdict => verdict.Reading.Device)
            .ShouldBe([_world.Meters[1].Device, _world.Meters[2].Device], ignoreOrder: true);
    }

    [Fact]
    public async Task Whoever_is_not_known_or_has_another_password_is_told_so_at_once()
    {
        await using var broker = await _world.BrokerAsync();
        foreach (var user in new[] { new BrokerUser("nobody", "x"), new BrokerUser("gateway", "wrong") })
        {
            await using var uplink = new MqttUplink(
                new LiveBroker { Host = "127.0.0.1", Port = broker.Port, User = user }, [], Wall);

            var away = await Should.ThrowAsync<UplinkAwayException>(() => uplink.OpenAsync(None));

            away.Code.ShouldBe("broker_refused");
            away.Message.ShouldStartWith($"broker_refused: the broker 127.0.0.1:{broker.Port}: ");
        }
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("broker.example", true)]
    public async Task A_broker_of_another_authority_or_name_is_not_told_a_password(string name, bool isOurs)
    {
        using var other = new TestAuthority();
        await using var broker = await _world.BrokerAsync((isOurs ? _world.Authority : other).Certify(name));
        await using var uplink = _world.Uplink(broker, Wall, _world.Authority.File);

        var away = await Should.ThrowAsync<UplinkAwayException>(() => uplink.OpenAsync(None));

        away.Code.ShouldBe("broker_not_trusted");
        broker.Log.ShouldNotContain($"u'{_world.Meters[0].Device}'");
    }

    [Fact]
    public async Task Where_nobody_answers_or_tls_is_expected_it_says_what_to_look_at()
    {
        await using var silent = _world.Uplink(MosquittoBroker.FreePort(), Wall);
        (await Should.ThrowAsync<UplinkAwayException>(() => silent.OpenAsync(None)))
            .Code.ShouldBe("broker_unreachable");

        await using var broker = await _world.BrokerAsync(_world.Authority.Certify("127.0.0.1"));
        await using var plain = _world.Uplink(broker, Wall);
        var away = await Should.ThrowAsync<UplinkAwayException>(() => plain.OpenAsync(None));
        away.Code.ShouldBe("broker_unreachable");
        away.Message.ShouldContain("--broker-ca");
    }

    [Fact]
    public async Task Readings_that_no_gateway_acknowledges_are_not_taken()
    {
        await using var broker = await _world.BrokerAsync();
        var time = new SteppedTime(DateTimeOffset.UnixEpoch);
        await using var uplink = _world.Uplink(broker, new WallTime(time));
        await uplink.OpenAsync(None);

        var sending = uplink.SendAsync(_world.Readings(), None);
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return sending.IsCompleted;
        });

        (await Should.ThrowAsync<UplinkAwayException>(() => sending)).Code.ShouldBe("gateway_silent");
    }
}

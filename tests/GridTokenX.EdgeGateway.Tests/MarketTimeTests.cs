using System.Net;
using System.Text;
using System.Text.Json;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

public sealed class MarketTimeTests
{
    [Fact]
    public async Task In_a_simulation_time_is_set_over_http_told_at_once_and_never_goes_back()
    {
        await using var world = await World.StartAsync(null, "--Simulation:Enabled", "true");
        (await world.StatusAsync()).Now.ShouldBeNull();
        world.Fleet.PayloadsOn(Topics.Time).ShouldBeEmpty();

        (await SetAsync(world, """{"now":"2026-06-01T12:15:00Z"}""")).ShouldBe(HttpStatusCode.OK);
        (await SetAsync(world, """{"now":"2026-06-01T12:00:00Z"}""")).ShouldBe(HttpStatusCode.Conflict);
        (await SetAsync(world, """{"now":"noon"}""")).ShouldBe(HttpStatusCode.BadRequest);
        (await SetAsync(world, "{}")).ShouldBe(HttpStatusCode.BadRequest);
        (await SetAsync(world, $"\"{new string('x', 100_000)}\"")).ShouldBe(HttpStatusCode.RequestEntityTooLarge);

        await Eventually.HoldsAsync(() => TimesTold(world).Contains(Some.Noon.AddMinutes(15)));
        (await world.StatusAsync()).Now.ShouldBe(Some.Noon.AddMinutes(15));
    }

    [Fact]
    public async Task A_simulations_time_survives_a_restart()
    {
        await using var world = await World.StartAsync(
            null, "--Simulation:Enabled", "true", "--Simulation:Start", "2026-06-01T12:00:00Z");
        (await world.StatusAsync()).Now.ShouldBe(Some.Noon);
        _ = await SetAsync(world, """{"now":"2026-06-01T13:00:00Z"}""");

        await world.StopGatewayAsync();
        await world.StartGatewayAsync();

        (await world.StatusAsync()).Now.ShouldBe(Some.Noon.AddHours(1));
    }

    [Fact]
    public async Task Time_is_told_after_every_connect_and_each_minute()
    {
        var clock = new SteppedTime(Some.Noon);
        await using var world = await World.StartAsync(clock);
        await Eventually.HoldsAsync(() => TimesTold(world).Contains(Some.Noon));

        clock.Advance(TimeSpan.FromSeconds(61));
        await Eventually.HoldsAsync(() => TimesTold(world).Contains(Some.Noon.AddSeconds(60))
            || TimesTold(world).Contains(Some.Noon.AddSeconds(61)));
        var told = TimesTold(world).Count;

        await world.HomeBroker.RestartAsync();
        await world.Fleet.ConnectedAsync();
        await Eventually.HoldsAsync(() => TimesTold(world).Count > told);
        TimesTold(world)[^1].ShouldBe(Some.Noon.AddSeconds(61));
    }

    [Fact]
    public async Task Outside_a_simulation_nobody_sets_the_time()
    {
        await using var world = await World.StartAsync();

        (await SetAsync(world, """{"now":"2026-06-01T12:15:00Z"}""")).ShouldBe(HttpStatusCode.NotFound);
    }

    private static List<DateTimeOffset> TimesTold(World world) =>
        world.Fleet.PayloadsOn(Topics.Time).ConvertAll(static payload => DateTimeOffset.FromUnixTimeSeconds(
            JsonSerializer.Deserialize(payload, ProtocolJson.Default.TimeAnnouncement)!.Unix));

    private static async Task<HttpStatusCode> SetAsync(World world, string json)
    {
        using var http = new HttpClient();
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri($"{world.Url}/simulation/time"), content);
        return response.StatusCode;
    }
}

using GridTokenX.CloudCore.Operations;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Hosting;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>What is wrong with one zone keeps no other zone waiting, and is told until it is mended.</summary>
public sealed class SickZoneTests : IAsyncLifetime
{
    private const string Sick = "aaa-first";
    private const string Sound = "zone-1";

    private static readonly CancellationToken None = CancellationToken.None;

    private MarketWorld _world = null!;

    public async Task InitializeAsync() => _world = await MarketWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Zone_whose_matches_cannot_be_written_lets_the_others_match_and_expire()
    {
        await DamageAsync();
        await CrossAsync(Sound);
        var failed = await Should.ThrowAsync<ZonesFailedException>(_world.MatchAsync());
        failed.InnerExceptions.ShouldHaveSingleItem().Message.ShouldStartWith($"Zone {Sick}: ");
        (await ZonesOfMatchesAsync()).ShouldBe([Sound]);

        var left = await _world.ActiveAskAsync(await _world.TraderAsync(Sound), 100, 9_000_000);
        _ = await Should.ThrowAsync<ZonesFailedException>(_world.MatchAsync());
        _world.Time.Advance(TimeSpan.FromHours(1));
        _ = await _world.Expiry.RunOnceAsync(None);
        (await _world.StatusAsync(left)).ShouldBe("expired");

        await MendAsync();
        await _world.RunAsync();
        (await _world.CountAsync("orders where status in ('active', 'partially_filled')")).ShouldBe(0);
        (await _world.CountAsync("market_inbox")).ShouldBe(0);
    }

    [Fact]
    public async Task Epoch_that_cannot_be_cleared_keeps_back_its_own_zone_alone()
    {
        await CrossAsync(Sick);
        await CrossAsync(Sound);
        _ = await _world.MatchAsync();
        await RefuseAsync("settlements");
        _world.Time.Advance(TimeSpan.FromMinutes(15));
        var failed = await Should.ThrowAsync<ZonesFailedException>(_world.Clearing.RunOnceAsync(None));
        failed.Message.ShouldContain("not this one");
        (await ZonesClearedAsync()).ShouldBe([Sound]);

        // The next quarter hour of the sound zone is cleared while the sick one waits still.
        _world.Time.Advance(TimeSpan.FromMinutes(15));
        _ = await Should.ThrowAsync<ZonesFailedException>(_world.Clearing.RunOnceAsync(None));
        (await ZonesClearedAsync()).ShouldBe([Sound, Sound]);

        await _world.ExecuteAsync("drop trigger refuse on settlements");
        await _world.RunAsync();
        (await ZonesClearedAsync()).ShouldBe([Sick, Sick, Sound, Sound]);
    }

    [Fact]
    public async Task Worker_that_cannot_serve_a_zone_goes_on_and_its_health_says_so()
    {
        await DamageAsync();
        var health = new WorkerHealth();
        using var notifier = new ServiceNotifier(null, static (_, _) => { });
        using var loops = new WorkerLoops(
            [new MatchWorker(_world.Markets, _world.Options with { MatchInterval = TimeSpan.FromSeconds(1) })],
            _world.Readiness,
            TimeProvider.System,
            new WallTime(TimeProvider.System),
            health,
            new Heartbeat(notifier, new WallTime(TimeProvider.System)),
            NullLogger<WorkerLoops>.Instance);
        await loops.StartAsync(None);
        try
        {
            // Orders of the sound zone that come one after the other are matched, however often the sick one fails.
            for (var round = 1; round <= 3; round++)
            {
                await CrossAsync(Sound);
                await Eventually.HoldsAsync(async () => await _world.CountAsync("matches") == round);
            }

            await Eventually.HoldsAsync(async () => (await StateAsync(health)).Status == HealthStatus.Degraded);
            (await StateAsync(health)).Description.ShouldNotBeNull().ShouldContain(Sick);
            await MendAsync();
            await Eventually.HoldsAsync(async () => (await StateAsync(health)).Status == HealthStatus.Healthy);
        }
        finally
        {
            await loops.StopAsync(None);
        }
    }

    private static Task<HealthCheckResult> StateAsync(WorkerHealth health) =>
        health.CheckHealthAsync(new HealthCheckContext());

    /// <summary>No match of the zone can be written; two orders wait for one.</summary>
    private async Task DamageAsync()
    {
        await RefuseAsync("matches");
        await CrossAsync(Sick);
    }

    private Task MendAsync() => _world.ExecuteAsync("drop trigger refuse on matches");

    private Task RefuseAsync(string table) => _world.ExecuteAsync(
        $$"""
        create or replace function refuse() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$;
        create trigger refuse before insert on {{table}}
        for each row when (new.zone = '{{Sick}}') execute function refuse()
        """);

    private async Task CrossAsync(string zone)
    {
        _ = await _world.ActiveAskAsync(await _world.TraderAsync(zone), 100, 2_000_000);
        _ = await _world.ActiveBidAsync(await _world.TraderAsync(zone), 100, 2_000_000);
    }

    private Task<IReadOnlyList<string>> ZonesOfMatchesAsync() =>
        _world.QueryAsync<string>("select distinct zone from matches order by zone");

    private Task<IReadOnlyList<string>> ZonesClearedAsync() => _world.QueryAsync<string>(
        "select zone from epochs where status in ('cleared', 'settled') order by zone, number");
}

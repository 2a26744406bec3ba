using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.CloudCore.Trading;

namespace GridTokenX.CloudCore.Tests.Clearing;

public sealed class EpochScheduleTests : IAsyncLifetime
{
    private MarketWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync();
        _ = await _world.TraderAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Zone_with_a_meter_has_the_present_and_the_next_epoch()
    {
        await _world.RunAsync();
        (await EpochsAsync()).ShouldBe([(202606011200, "active"), (202606011215, "pending")]);
    }

    [Fact]
    public async Task Quarter_hours_without_trades_are_epochs_too()
    {
        await _world.RunAsync();
        await _world.AdvanceAsync(TimeSpan.FromMinutes(50));
        (await EpochsAsync()).ShouldBe(
        [
            (202606011200, "settled"), (202606011215, "settled"), (202606011230, "settled"), (202606011245, "active"),
            (202606011300, "pending"),
        ]);
    }

    [Fact]
    public async Task First_epoch_of_a_zone_is_that_of_its_first_meter()
    {
        await _world.AdvanceAsync(TimeSpan.FromMinutes(20));
        (await EpochsAsync()).ShouldBe(
            [(202606011200, "settled"), (202606011215, "active"), (202606011230, "pending")]);
    }

    [Fact]
    public async Task Long_standstill_fills_in_the_last_day_only()
    {
        await _world.RunAsync();
        await _world.AdvanceAsync(TimeSpan.FromDays(10));
        var epochs = await EpochsAsync();

        // The two of the first day, 96 quarter hours before the present one, the present one, the next one.
        epochs.Count.ShouldBe(2 + 96 + 2);
        epochs[2].Number.ShouldBe(202606101200);
        epochs.Count(static epoch => epoch.Status == "settled").ShouldBe(98);
    }

    [Fact]
    public async Task Two_workers_at_once_create_each_epoch_once()
    {
        await using var other = _world.OtherDatabase();
        _world.Time.Advance(TimeSpan.FromHours(6));
        _ = await Task.WhenAll(
            Task.Run(() => _world.Clearing.RunOnceAsync(CancellationToken.None)),
            Task.Run(() => _world.ClearingOn(other).RunOnceAsync(CancellationToken.None)));
        (await _world.CountAsync("epochs")).ShouldBe(26);
    }

    [Fact]
    public async Task Nothing_to_do_is_said() =>
        (await EpochSchedule.AdvanceAsync(_world.Database, _world.Now.AddDays(-1), CancellationToken.None)).ShouldBe(0);

    [Fact]
    public async Task Writer_of_auctions_sees_to_the_schedule_once_an_epoch_and_misses_none()
    {
        await using var world = await MarketWorld.StartAsync(market: new MarketOptions { Mode = "call_auction" });
        _ = await world.TraderAsync();
        await world.ExecuteAsync(
            """
            create sequence looks;
            create function count_look() returns trigger language plpgsql as $$
            begin
                perform nextval('looks');
                return null;
            end $$;
            create trigger counts_looks after insert on epochs for each statement execute function count_look();
            """);
        for (var i = 0; i < 5; i++)
        {
            _ = await world.Markets.RunAsync("zone-1", ZoneScope.All, CancellationToken.None);
        }

        (await world.OneAsync<long>("select last_value from looks")).ShouldBe(1);

        // A zone that begins within the epoch has its auction at the end of it, whoever comes first then.
        var (anna, boon) = (await world.TraderAsync("zone-2"), await world.TraderAsync("zone-2"));
        _ = await world.ActiveAskAsync(anna, 100, 1_000_000, TimeSpan.FromMinutes(15));
        _ = await world.ActiveBidAsync(boon, 100, 1_000_000, TimeSpan.FromMinutes(15));
        world.Time.Advance(TimeSpan.FromMinutes(15));
        (await world.Markets.RunAsync("zone-2", ZoneScope.Leaving, CancellationToken.None)).Matched.ShouldBe(1);
        (await world.OneAsync<long>("select count(*) from epochs where zone = 'zone-2' and auctioned_at is not null"))
            .ShouldBe(1);
    }

    private async Task<IReadOnlyList<(long Number, string Status)>> EpochsAsync() =>
        await _world.QueryAsync<(long, string)>("select number, status from epochs order by number");
}

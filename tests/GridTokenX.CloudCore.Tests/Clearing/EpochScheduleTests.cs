using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Tests.Trading;

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

    private async Task<IReadOnlyList<(long Number, string Status)>> EpochsAsync() =>
        await _world.QueryAsync<(long, string)>("select number, status from epochs order by number");
}

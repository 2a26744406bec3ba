using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Tests.Clearing;

public sealed class MeteringWorkerTests
{
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task Epoch_counts_what_its_meters_measured_in_it()
    {
        await using var world = await MarketWorld.StartAsync();
        var (anna, boon, chai) = (await world.TraderAsync(), await world.TraderAsync(), await world.TraderAsync());
        await world.RunAsync();
        await ReadAsync(world, anna.Device.PublicKey, 1, 0, production: 100, consumption: 50);
        await ReadAsync(world, anna.Device.PublicKey, 2, 15, production: 400, consumption: 60);
        await ReadAsync(world, anna.Device.PublicKey, 3, 30, production: 900, consumption: 70);
        await ReadAsync(world, boon.Device.PublicKey, 1, 0, production: 0, consumption: 1_000);
        await ReadAsync(world, boon.Device.PublicKey, 2, 15, production: 0, consumption: 1_590);

        // Not read at the epoch's start.
        await ReadAsync(world, chai.Device.PublicKey, 1, 15, production: 0, consumption: 5_000);
        await world.AdvanceAsync(QuarterHour);
        (await world.OneAsync<long?>("select production_wh from epochs where number = 202606011200")).ShouldBeNull();
        await world.AdvanceAsync(2 * QuarterHour);
        (await world.OneAsync<(long, long, int, int)>(
            """
            select production_wh, consumption_wh, meters, meters_read from epochs where number = 202606011200
            """)).ShouldBe((300, 600, 3, 2));
    }

    [Fact]
    public async Task Self_sufficiency_and_dispersion_are_served_with_the_epoch()
    {
        await using var host = await CloudHost.StartAsync();
        using var home = await VirtualHome.RegisteredAsync(host);
        await using (var command = host.Database.CreateCommand(
            """
            update epochs set status = 'settled', volume_wh = 400, volume_max_wh = 500, welfare_ugrx = 3,
                welfare_max_ugrx = 4, trades = 2, buyers_share = 0.25, price_dispersion = 0.1, production_wh = 300,
                consumption_wh = 600, meters = 1, meters_read = 1, metered_at = now()
            where number = 202606011200
            """))
        {
            _ = await host.AdvanceAsync(CloudHost.Noon.AddMinutes(1));
            (await command.ExecuteNonQueryAsync()).ShouldBe(1);
        }

        var epoch = (await host.GetAsync(null, "/api/market/epochs/202606011200").ShouldBeAsync(
            System.Net.HttpStatusCode.OK, GridTokenX.Protocol.Json.ProtocolJson.Default.EpochList))
            .Epochs.ShouldHaveSingleItem();
        epoch.Fairness.ShouldBe(new EpochFairness(0.75m, 0.8m, 0.25m, 0.1m, 0.5m, 1m, 0.3m, 0.6m, 1, 1));
        var next = (await host.GetAsync(null, "/api/market/epochs/202606011215").ShouldBeAsync(
            System.Net.HttpStatusCode.OK, GridTokenX.Protocol.Json.ProtocolJson.Default.EpochList))
            .Epochs.ShouldHaveSingleItem();
        next.Fairness.ShouldBeNull();
    }

    private static Task ReadAsync(
        MarketWorld world, Key32 device, long sequence, int minutes, long production, long consumption) =>
        world.ExecuteAsync(
            """
            insert into readings (device, sequence, ended_at, production_wh, consumption_wh, soc_permille, flags,
                                  interval_s, signature, received_at)
            values (@device, @sequence, @at, @production, @consumption, 65535, 0, 900, '\x00', @at)
            """,
            new { device, sequence, at = CloudHost.Noon.AddMinutes(minutes), production, consumption });
}

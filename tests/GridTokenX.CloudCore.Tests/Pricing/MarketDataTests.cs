using System.Net;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Tests.Pricing;

public sealed class MarketDataTests
{
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task Data_show_the_book_the_last_day_and_what_an_auction_would_give()
    {
        await using var world = await MarketWorld.StartAsync(market: new MarketOptions { Mode = "call_auction" });
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        await world.RunAsync();
        await TradeAsync(world, anna, boon, 100, 2_000_000);
        await world.AdvanceAsync(QuarterHour);
        await TradeAsync(world, anna, boon, 300, 3_000_001);
        await world.AdvanceAsync(QuarterHour);
        _ = await world.ActiveAskAsync(anna, 100, 4_000_000, TimeSpan.FromHours(2));
        _ = await world.ActiveAskAsync(anna, 50, 4_000_000, TimeSpan.FromHours(2));
        _ = await world.ActiveAskAsync(anna, 10, 9_000_000, TimeSpan.FromHours(2));
        _ = await world.ActiveBidAsync(boon, 120, 5_000_000, TimeSpan.FromHours(2));

        var data = (await new MarketDataQuery(world.Database, world.Rules)
            .ReadAsync("zone-1", 1, world.Now, CancellationToken.None)).ShouldNotBeNull();
        (data.Rule, data.Epoch, data.LastPrice).ShouldBe(("call_auction", 202606011230, 3.000001m));
        (data.VolumeKwh, data.Trades, data.HighPrice, data.LowPrice).ShouldBe((0.4m, 2, 3.000001m, 2m));
        data.AveragePrice.ShouldBe(2.75m); // 2.75000075 rounded down
        data.Indicative.ShouldBe(new IndicativeAuction(4.5m, 0.12m, -0.03m));
        data.Asks.ShouldBe([new PriceLevel(4m, 0.15m, 2)]);
        data.Bids.ShouldBe([new PriceLevel(5m, 0.12m, 1)]);
        data.Dynamic.ShouldBeNull();
        (await new MarketDataQuery(world.Database, world.Rules)
            .ReadAsync("nowhere", 1, world.Now, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Data_are_read_once_for_all_who_ask_at_a_time_and_anew_a_moment_later()
    {
        await using var world = await MarketWorld.StartAsync();
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        var clock = new SteppedTime(CloudHost.Noon);
        var markets = new RememberedMarketData(
            new MarketDataQuery(world.Database, world.Rules), world.Time, new WallTime(clock),
            RememberedMarketData.Lifetime);
        (await markets.ReadAsync("nowhere", 1, CancellationToken.None)).ShouldBeNull();
        var before = await markets.ReadAsync("zone-1", 1, CancellationToken.None);
        await TradeAsync(world, anna, boon, 100, 2_000_000);

        (await markets.ReadAsync("zone-1", 1, CancellationToken.None)).ShouldBeSameAs(before);
        clock.Advance(RememberedMarketData.Lifetime);
        (await markets.ReadAsync("zone-1", 1, CancellationToken.None)).ShouldNotBeNull().Trades.ShouldBe(1);
    }

    [Fact]
    public async Task History_has_a_bar_an_epoch_with_trades_page_by_page()
    {
        await using var world = await MarketWorld.StartAsync();
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        await world.RunAsync();
        for (var i = 0; i < 3; i++)
        {
            await TradeAsync(world, anna, boon, 100, 2_000_000 + i);
            await TradeAsync(world, anna, boon, 200, 3_000_000 + i);
            await TradeAsync(world, anna, boon, 100, 2_500_000 + i);
            await world.AdvanceAsync(2 * QuarterHour);
        }

        var query = new MarketDataQuery(world.Database, world.Rules);
        var first = await query.HistoryAsync(
            "zone-1", CloudHost.Noon, world.Now, long.MaxValue, 2, CancellationToken.None);
        first.Bars.Select(static bar => bar.Epoch).ShouldBe([202606011300, 202606011230]);
        first.Bars[0].ShouldBe(new PriceBarView(
            202606011300,
            CloudHost.Noon.AddHours(1),
            "cleared",
            2.000002m,
            3.000002m,
            2.000002m,
            2.500002m,
            2.625002m,
            0.4m,
            3));
        long[] before = [0];
        Cursor.TryRead(first.Next, MarketDataQuery.Bars, before).ShouldBeTrue();
        var second = await query.HistoryAsync(
            "zone-1", CloudHost.Noon, world.Now, before[0], 2, CancellationToken.None);
        second.Bars.ShouldHaveSingleItem().Epoch.ShouldBe(202606011200);
        second.Next.ShouldBeNull();
        (await query.HistoryAsync(
            "zone-1", CloudHost.Noon.AddMinutes(1), CloudHost.Noon.AddMinutes(59), long.MaxValue, 9,
            CancellationToken.None)).Bars.ShouldHaveSingleItem().Epoch.ShouldBe(202606011230);
    }

    [Fact]
    public async Task Endpoints_answer_or_say_what_they_cannot_read()
    {
        await using var host = await CloudHost.StartAsync();
        using var home = await VirtualHome.RegisteredAsync(host);
        var data = await host.GetAsync(null, "/api/market/data?zone=zone-1")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.MarketData);
        (data.Zone, data.LastPrice, data.Trades).ShouldBe(("zone-1", null, 0));
        (await host.GetAsync(null, "/api/market/history?zone=zone-1")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.PriceHistoryPage)).Bars.ShouldBeEmpty();
        await host.GetAsync(null, "/api/market/data").ShouldBeProblemAsync(
            HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        await host.GetAsync(null, "/api/market/data?zone=nowhere").ShouldBeProblemAsync(
            HttpStatusCode.UnprocessableEntity, ProblemCodes.UnknownZone);
        foreach (var query in (string[])
        [
            "", "zone=zone-1&limit=501", "zone=zone-1&cursor=x", "zone=zone-1&from=2026-06-02T00:00:00Z",
            "zone=zone-1&from=2020-01-01T00:00:00Z",
        ])
        {
            await host.GetAsync(null, $"/api/market/history?{query}").ShouldBeProblemAsync(
                HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        }
    }

    [Fact]
    public async Task Everybody_reads_his_own_effects_and_the_operator_those_of_all()
    {
        await using var host = await CloudHost.StartAsync();
        using var ann = await VirtualHome.RegisteredAsync(host, wallet: "managed");
        using var bo = await VirtualHome.RegisteredAsync(host);
        foreach (var path in (string[])["/api/carbon", "/api/yields"])
        {
            await host.GetAsync(null, path).ShouldBeProblemAsync(
                HttpStatusCode.Unauthorized, ProblemCodes.NotSigned);
            await host.GetAsync(ann.Wallet, path).ShouldBeStatusAsync(HttpStatusCode.OK);
            await host.GetAsync(ann.Wallet, $"{path}?wallet={ann.Address}").ShouldBeStatusAsync(HttpStatusCode.OK);
            await host.GetAsync(bo.Wallet, $"{path}?wallet={ann.Address}").ShouldBeProblemAsync(
                HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
            await host.GetAsync(host.OperatorKey, $"{path}?wallet={ann.Address}")
                .ShouldBeStatusAsync(HttpStatusCode.OK);
            await host.GetAsync(host.OperatorKey, path).ShouldBeProblemAsync(
                HttpStatusCode.NotFound, ProblemCodes.NotFound);
            await host.GetAsync(ann.Wallet, $"{path}?limit=0").ShouldBeProblemAsync(
                HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        }
    }

    private static async Task TradeAsync(MarketWorld world, Trader seller, Trader buyer, long wh, long price)
    {
        _ = await world.ActiveAskAsync(seller, wh, price);
        _ = await world.ActiveBidAsync(buyer, wh, price);
        await world.RunAsync();
    }
}

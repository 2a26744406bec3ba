using GridTokenX.CloudCore.Report;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Tests.Report;

public sealed class OperatorReportTests
{
    [Fact]
    public async Task Empty_market_reports_nothing()
    {
        await using var world = await MarketWorld.StartAsync();
        var report = await new OperatorReportQuery(world.Database, world.Time).ReadAsync(CancellationToken.None);
        report.Matches.ShouldBe(0);
        report.Market.ShouldBe(new MarketTotals(null, null));
        report.Readings.RejectedByCode.ShouldBeEmpty();
        report.Energy.ShouldBe(new EnergyTotals(0, 0, 0, 0, 0));
    }

    [Fact]
    public async Task Trades_show_in_every_total()
    {
        await using var world = await MarketWorld.StartAsync();
        var seller = await world.TraderAsync();
        var buyer = await world.TraderAsync();
        _ = await world.ActiveAskAsync(seller, 1_000, 2_000_000);
        _ = await world.ActiveAskAsync(seller, 500, 9_000_000);
        _ = await world.ActiveBidAsync(buyer, 400, 3_000_000);
        _ = await world.CancelAsync(buyer, await world.ActiveBidAsync(buyer, 1, 1_000));
        await world.RunAsync();
        await world.AdvanceAsync(TimeSpan.FromMinutes(45));
        _ = await world.AnswerAsync();
        var report = await new OperatorReportQuery(world.Database, world.Time).ReadAsync(CancellationToken.None);

        report.Orders.ShouldBe(new OrderTotals(
            Sell: 2, Buy: 2, Filled: 1, PartiallyFilled: 1, Cancelled: 1, Expired: 2, Rejected: 0));
        report.Matches.ShouldBe(1);
        report.Epochs.ShouldBe(new EpochTotals(Cleared: 3, Settled: 3));
        report.Settlements.ShouldBe(
            new SettlementTotals(Completed: 1, Failed: 0, Pending: 0, ValueUgrx: 800_000, FeeUgrx: 8_000));
        report.Locks.ShouldBe(
            new LockTotals(Queued: 0, Sent: 1, Acknowledged: 0, Rejected: 0, Released: 0, Expired: 1));

        // Four orders, one settlement, and what three orders had left.
        report.Chain.Failed.ShouldBe(0);
        report.Chain.Pending.ShouldBe(0);
        report.Chain.Transactions.ShouldBe(await world.OneAsync<long>("select count(*) from chain_outbox"));
        report.Market.ShouldBe(new MarketTotals(1m, 1m));
    }
}

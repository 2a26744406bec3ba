using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Matches the live orders of each zone, under the zone's lock. What a direct purchase does not get from its ask in
/// its first cycle is cancelled and goes back in the same transaction.
/// </summary>
internal sealed class MatchWorker(
    NpgsqlDataSource database,
    IChainOutbox outbox,
    TimeProvider marketTime,
    TradingOptions options,
    MarketRules market)
    : IMarketWorker
{
    /// <summary>
    /// Cycles thrown away in a row because an order changed between reading and locking it; then the next round
    /// tries.
    /// </summary>
    private const int MaxAttempts = 5;

    public string Name => "match";

    public int Order => 30;

    public TimeSpan Interval => options.MatchInterval;

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var zones = await database.QueryAsync<string>(
            "select distinct zone from orders where status in ('active', 'partially_filled') order by zone",
            null,
            cancellationToken);
        var done = 0;
        foreach (var zone in zones)
        {
            done += await MatchZoneAsync(zone, cancellationToken);
        }

        if (done > 0)
        {
            outbox.Wake();
        }

        return done;
    }

    private async Task<int> MatchZoneAsync(string zone, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var cycle = await database.TransactAsync(
                unit => RunCycleAsync(unit.Transaction, zone, cancellationToken), cancellationToken);
            if (cycle is { } done)
            {
                return done;
            }
        }

        return 0;
    }

    /// <summary>Null when an order was changed by somebody else; nothing has been written then.</summary>
    private async Task<int?> RunCycleAsync(
        NpgsqlTransaction transaction, string zone, CancellationToken cancellationToken)
    {
        await ZoneLock.TakeAsync(transaction, zone, cancellationToken);
        var now = marketTime.GetUtcNow();
        var live = await LiveOrdersAsync(transaction, zone, now, cancellationToken);
        var terms = await ZonePrices.TermsAsync(transaction, market.Of(zone), now, cancellationToken);
        var matches = terms.Match(live.Select(AuctionWorker.OrderOf));
        var cycle = MatchCycle.Of(zone, now, live, matches);
        if (cycle.Touched.Count == 0)
        {
            return 0;
        }

        // The book was read without locks, so that an idle cycle writes nothing: what it touches is locked and
        // compared.
        var locked = await OrderQueries.LockAsync(transaction, cycle.Touched, cancellationToken);
        if (!cycle.IsOf(locked))
        {
            return null;
        }

        if (!await MatchRecords.OpenEpochAsync(transaction, zone, cycle.Epoch, cancellationToken))
        {
            return 0;
        }

        await MatchRecords.WriteAsync(transaction, cycle, market, cancellationToken);
        await MatchRecords.RequestLocksAsync(transaction, cycle, LockTerms.ExpiryFor(cycle.Epoch), cancellationToken);
        await OrderClosing.CloseAsync(
            transaction, outbox, cycle.UnfilledPurchases, OrderStatus.Cancelled, now, cancellationToken);
        return matches.Count + cycle.UnfilledPurchases.Count;
    }

    private static Task<IReadOnlyList<OrderRow>> LiveOrdersAsync(
        NpgsqlTransaction transaction, string zone, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.QueryAsync<OrderRow>(
            OrderRow.Select
            + " where o.zone = @zone and o.status in ('active', 'partially_filled') and o.expires_at > @now",
            new { zone, now },
            cancellationToken);
}

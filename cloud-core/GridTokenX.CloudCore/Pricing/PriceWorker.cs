using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Pricing;

/// <summary>Records what price and gate apply in each zone that has one, whenever that changes.</summary>
internal sealed class PriceWorker(NpgsqlDataSource database, MarketRules market, TimeProvider marketTime)
    : IMarketWorker
{
    private sealed record Book(WattHours Demand, WattHours Supply);

    public string Name => "price";

    /// <summary>After expiry, before matching.</summary>
    public int Order => 25;

    public TimeSpan Interval => TimeSpan.FromSeconds(5);

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!market.AreConditional)
        {
            return 0;
        }

        var zones = await database.QueryAsync<string>(
            "select distinct zone from meters order by zone", null, cancellationToken);
        var done = 0;
        await EachZone.RunAsync(
            zones.Select(market.Of).Where(static rules => rules.AreConditional),
            static rules => rules.Zone,
            async rules => done += await database.TransactAsync(
                unit => UpdateAsync(unit.Transaction, rules, cancellationToken), cancellationToken));
        return done;
    }

    private async Task<int> UpdateAsync(
        NpgsqlTransaction transaction, ZoneRules rules, CancellationToken cancellationToken)
    {
        // Of two processes the second finds what the first has recorded.
        await ZoneLock.TakeAsync(transaction, rules.Zone, cancellationToken);
        var now = marketTime.GetUtcNow();
        var states = await transaction.QueryAsync<int>(
            """
            select soc_permille from meters
            where zone = @Zone and last_reading_at >= @oldest and last_reading_at <= @now
              and soc_permille is not null
            """,
            new { rules.Zone, oldest = now - market.Options.SocFreshness, now },
            cancellationToken);
        var book = await BookAsync(transaction, rules.Zone, now, cancellationToken);
        var condition = ZoneCondition.Of(
            rules, states.Select(static soc => checked((ushort)soc)), book.Demand, book.Supply, now);
        var newest = await ZonePrices.FindAsync(transaction, rules.Zone, now, cancellationToken);
        return condition.Follows(newest, now, rules.PriceInterval)
            ? await ZonePrices.AddAsync(transaction, rules.Zone, now, condition, cancellationToken)
            : 0;
    }

    private static async Task<Book> BookAsync(
        NpgsqlTransaction transaction, string zone, DateTimeOffset now, CancellationToken cancellationToken) =>
        await transaction.FirstOrDefaultAsync<Book>(
            """
            select coalesce(sum(energy_wh - filled_wh) filter (where side = 'buy'), 0)::bigint as demand,
                   coalesce(sum(energy_wh - filled_wh) filter (where side = 'sell'), 0)::bigint as supply
            from orders
            where zone = @zone and status in ('active', 'partially_filled') and expires_at > @now
              and target_order is null
            """,
            new { zone, now },
            cancellationToken) ?? new Book(default, default);
}

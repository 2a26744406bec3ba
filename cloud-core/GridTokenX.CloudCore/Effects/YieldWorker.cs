using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Effects;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Effects;

/// <summary>
/// Sets yields aside out of collected fees, the oldest first, in rounds: a round goes through the yields as they have
/// accrued up to its time, a batch a transaction, as far as the fees reach that were collected when it began, and goes
/// on where it was after a crash. What they do not cover waits, unfunded, for a later round.
/// </summary>
internal sealed class YieldWorker(NpgsqlDataSource database, MarketRules market, TimeProvider marketTime)
    : IMarketWorker
{
    private const int BatchSize = 500;

    private sealed record Round(DateTimeOffset Until, long LastYield, MicroGrx Payable);

    private sealed record Row(
        long Id, string Kind, Guid? OwnerId, MicroGrx Amount, MicroGrx Most, MicroGrx Allotted, DateTimeOffset From)
    {
        internal MicroGrx AccruedAt(DateTimeOffset until)
        {
            if (Kind == "pool")
            {
                return Amount;
            }

            var accrued = YieldLedger.AccruedAfter(Amount, until > From ? until - From : TimeSpan.Zero);
            return accrued < Most ? accrued : Most;
        }
    }

    public string Name => "yield";

    /// <summary>After all else.</summary>
    public int Order => 60;

    public TimeSpan Interval => TimeSpan.FromSeconds(30);

    public Task<int> RunOnceAsync(CancellationToken cancellationToken) => database.TransactAsync(
        unit => AllotAsync(unit.Transaction, cancellationToken), cancellationToken);

    private async Task<int> AllotAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var round = await RoundAsync(transaction, cancellationToken);
        var rows = await transaction.QueryAsync<Row>(
            """
            select id, kind, owner_id, amount_ugrx as amount, limit_ugrx as most, allotted_ugrx as allotted,
                   accrues_from as from
            from yields where status = 'accruing' and id > @LastYield order by id limit @BatchSize
            """,
            new { round.LastYield, BatchSize },
            cancellationToken);
        if (rows.Count == 0)
        {
            return 0;
        }

        var claims = rows.Select(row => row.AccruedAt(round.Until) - row.Allotted).ToArray();
        var claimed = claims.Aggregate(MicroGrx.Zero, static (sum, claim) => sum + claim);
        var (after, payments) = new YieldLedger(round.Payable, claimed, MicroGrx.Zero).Pay(claims);
        await WriteAsync(transaction, rows, payments, round.Until, cancellationToken);

        // Where the fees have come to their end, so has the round: the others need not be read.
        var payable = round.Payable - after.Paid;
        _ = await transaction.ExecuteAsync(
            "update yield_rounds set last_yield = @last, payable_ugrx = @payable",
            new { last = payable > MicroGrx.Zero ? rows[^1].Id : long.MaxValue, payable },
            cancellationToken);
        return rows.Count;
    }

    /// <summary>The present round, locked; a new one when the interval has passed.</summary>
    private async Task<Round> RoundAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var interval = market.Options.YieldInterval.Ticks;
        var ticks = marketTime.GetUtcNow().UtcTicks;
        var until = new DateTimeOffset(ticks - (ticks % interval), TimeSpan.Zero);
        _ = await transaction.ExecuteAsync(
            """
            insert into yield_rounds (until, last_yield) values ('-infinity', 0) on conflict do nothing;
            update yield_rounds
            set until = @until, last_yield = 0, payable_ugrx =
                (select coalesce(sum(fee_ugrx), 0)::bigint from settlements where status = 'completed')
                - (select coalesce(sum(amount_ugrx), 0)::bigint from yield_allotments)
            where until < @until;
            """,
            new { until },
            cancellationToken);
        return (await transaction.QueryAsync<Round>(
            "select until, last_yield, payable_ugrx as payable from yield_rounds for no key update",
            null,
            cancellationToken))[0];
    }

    private static async Task WriteAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<Row> rows,
        IReadOnlyList<MicroGrx> payments,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        // Of most rows nothing changes: their turn has not come while the fees do not cover what the older ones claim.
        var changed = rows.Zip(payments)
            .Where(static pair => pair.Second > MicroGrx.Zero || pair.First.Allotted == pair.First.Most)
            .ToArray();
        _ = await transaction.ExecuteAsync(
            """
            update yields y
            set allotted_ugrx = allotted_ugrx + p.amount,
                status = case when allotted_ugrx + p.amount = limit_ugrx then 'allotted' else status end
            from unnest(@ids, @amounts) as p (id, amount) where y.id = p.id
            """,
            new
            {
                ids = Array.ConvertAll(changed, static pair => pair.First.Id),
                amounts = Array.ConvertAll(changed, static pair => pair.Second.Value),
            },
            cancellationToken);
        var owners = rows.Zip(payments)
            .GroupBy(static pair => pair.First.OwnerId ?? Guid.Empty)
            .Select(static owner => (
                Id: owner.Key,
                Amount: owner.Aggregate(MicroGrx.Zero, static (sum, pair) => sum + pair.Second)))
            .Where(static owner => owner.Amount > MicroGrx.Zero)
            .ToArray();
        _ = await transaction.ExecuteAsync(
            """
            insert into yield_allotments (owner_id, amount_ugrx, allotted_at)
            select nullif(id, @nobody), amount, @now from unnest(@owners, @amounts) with ordinality
                as allotment (id, amount, position)
            order by position
            """,
            new
            {
                now,
                nobody = Guid.Empty,
                owners = Array.ConvertAll(owners, static owner => owner.Id),
                amounts = Array.ConvertAll(owners, static owner => owner.Amount.Value),
            },
            cancellationToken);
    }
}

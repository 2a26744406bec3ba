using System.Globalization;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Effects;

/// <summary>What a user has got of the matches besides energy and money.</summary>
internal sealed class EffectQueries(NpgsqlDataSource database)
{
    // What has accrued by now of a yield; as YieldLedger.AccruedAfter has it.
    private const string AccruedByNow =
        """
        case when status = 'pending' or accrues_from > @now then 0
             when kind = 'pool' then amount_ugrx
             else least(limit_ugrx, div(
                 amount_ugrx * (extract(epoch from @now - accrues_from) * 1000000)::numeric, 31536000000000)::bigint)
        end
        """;

    private sealed record CarbonRow(
        Guid MatchId, long Sequence, WattHours Energy, long CarbonGrams, string Status, DateTimeOffset MatchedAt);

    private sealed record YieldRow(
        long Id,
        Guid MatchId,
        MicroGrx Amount,
        MicroGrx Most,
        MicroGrx Accrued,
        MicroGrx Allotted,
        string Status,
        DateTimeOffset? AccruesFrom);

    internal async Task<CarbonView> CarbonAsync(
        Guid user, long before, int limit, CancellationToken cancellationToken)
    {
        var (credited, pending) = await database.FirstOrDefaultAsync<(long, long)>(
            """
            select coalesce(sum(carbon_grams) filter (where status = 'settled'), 0)::bigint,
                   coalesce(sum(carbon_grams) filter (where status = 'matched'), 0)::bigint
            from match_effects where buyer_id = @user
            """,
            new { user },
            cancellationToken);
        var rows = await database.QueryAsync<CarbonRow>(
            """
            select e.match_id, m.sequence, m.energy_wh as energy, e.carbon_grams, e.status, m.matched_at
            from match_effects e join matches m on m.id = e.match_id
            where e.buyer_id = @user and m.sequence < @before
            order by m.sequence desc limit @limit
            """,
            new { user, before, limit = limit + 1 },
            cancellationToken);
        var page = rows.Take(limit).ToList();
        return new CarbonView(
            credited,
            pending,
            page.ConvertAll(static row => new CarbonCredit(
                row.MatchId, row.Energy.ToKwh(), row.CarbonGrams, StatusOf(row.Status), row.MatchedAt)),
            Next(rows.Count > limit, page.Count == 0 ? 0 : page[^1].Sequence));
    }

    internal async Task<YieldView> YieldsAsync(
        Guid user, long before, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (accrued, allotted) = await database.FirstOrDefaultAsync<(MicroGrx, MicroGrx)>(
            $"""
            select coalesce(sum({AccruedByNow}), 0)::bigint, coalesce(sum(allotted_ugrx), 0)::bigint
            from yields where owner_id = @user and status <> 'void'
            """,
            new { user, now },
            cancellationToken);
        var rows = await database.QueryAsync<YieldRow>(
            $"""
            select id, match_id, amount_ugrx as amount, limit_ugrx as most,
                   case status when 'void' then 0 else {AccruedByNow} end as accrued, allotted_ugrx as allotted, status,
                   accrues_from
            from yields where owner_id = @user and id < @before order by id desc limit @limit
            """,
            new { user, now, before, limit = limit + 1 },
            cancellationToken);
        var page = rows.Take(limit).ToList();
        return new YieldView(
            accrued.ToGrx(),
            allotted.ToGrx(),
            (accrued - allotted).ToGrx(),
            page.ConvertAll(static row => new YieldEntry(
                row.MatchId,
                row.Amount.ToGrx(),
                row.Most.ToGrx(),
                row.Accrued.ToGrx(),
                row.Allotted.ToGrx(),
                row.Status,
                row.AccruesFrom)),
            Next(rows.Count > limit, page.Count == 0 ? 0 : page[^1].Id));
    }

    /// <summary>All of it, at the instant of the transaction.</summary>
    internal static async Task<EffectTotals> TotalsAsync(
        NpgsqlTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (accrued, allotted, collected) = await transaction.FirstOrDefaultAsync<(MicroGrx, MicroGrx, MicroGrx)>(
            $"""
            select (select coalesce(sum({AccruedByNow}), 0)::bigint from yields where status <> 'void'),
                   (select coalesce(sum(amount_ugrx), 0)::bigint from yield_allotments),
                   (select coalesce(sum(fee_ugrx), 0)::bigint from settlements where status = 'completed')
            """,
            new { now },
            cancellationToken);
        var ledger = new GridTokenX.Market.Effects.YieldLedger(collected, accrued, allotted);
        var (grams, due, retired, voluntary) = await transaction.FirstOrDefaultAsync<(long, long, long, long)>(
            """
            select coalesce(sum(carbon_grams) filter (where status = 'settled'), 0)::bigint,
                   coalesce(sum(burn_wh - burned_wh) filter (where burn in ('due', 'requested')), 0)::bigint,
                   coalesce(sum(case burn when 'retired' then burn_wh else burned_wh end), 0)::bigint,
                   (select coalesce(sum(div(amount, 1000000) - due_wh), 0)::bigint from own_burns)
            from match_effects
            """,
            null,
            cancellationToken);
        var (across, lost, wheeling) = await transaction.FirstOrDefaultAsync<(long, long, MicroGrx)>(
            """
            select count(*) filter (where charge <> 'void'),
                   coalesce(sum(lost_wh) filter (where charge <> 'void'), 0)::bigint,
                   coalesce(sum(wheeling_ugrx) filter (where charge = 'due'), 0)::bigint
            from matches_across
            """,
            null,
            cancellationToken);
        return new EffectTotals(
            grams,
            due,
            retired,
            accrued.Value,
            allotted.Value,
            ledger.Payable.Value,
            ledger.Unfunded.Value,
            across,
            lost,
            wheeling.Value,
            voluntary);
    }

    private static string StatusOf(string status) => status switch
    {
        "matched" => "pending",
        "settled" => "credited",
        _ => "void",
    };

    private static string? Next(bool isMore, long last) =>
        isMore ? last.ToString(CultureInfo.InvariantCulture) : null;
}
